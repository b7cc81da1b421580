/** A certificate that certifies itself, for servers of a test. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

export async function makeCertificate(
  folder: string,
  name: string,
): Promise<{ readonly certificateFile: string; readonly keyFile: string }> {
  const [certificateFile, keyFile] = [join(folder, `${name}.pem`), join(folder, `${name}.key`)]
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', keyFile]
  const about = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`, '-days', '2']
  await promisify(execFile)('openssl', ['req', '-x509', ...key, ...about, '-out', certificateFile])
  return { certificateFile, keyFile }
}
