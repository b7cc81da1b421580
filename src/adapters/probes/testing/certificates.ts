/** Certificates made by openssl in a folder of the test's own: for tests alone. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface IssuedCertificate {
  readonly certificateFile: string
  readonly keyFile: string
  readonly cert: Buffer
  readonly key: Buffer
}

export class CertificateAuthority implements Disposable {
  readonly folder: string
  readonly caFile: string
  readonly #keyFile: string

  /** Its own folder is made in `parent`. */
  constructor(parent = tmpdir()) {
    this.folder = mkdtempSync(join(parent, 'fairlead-ca-'))
    this.caFile = join(this.folder, 'ca.pem')
    this.#keyFile = join(this.folder, 'ca.key')
    const subject = ['-subj', '/CN=Fairlead test authority', '-days', '2']
    openssl(['req', '-x509', ...newKey(this.#keyFile), '-out', this.caFile, ...subject])
  }

  /** `names` as openssl writes them: 'DNS:a.example.test', 'IP:127.0.0.1'. `days` below 1 has expired already. */
  issue(name: string, names: readonly string[], days = 2): IssuedCertificate {
    const at = (extension: string) => join(this.folder, `${name}.${extension}`)
    writeFileSync(at('ext'), `subjectAltName=${names.join(',')}\n`)
    openssl(['req', ...newKey(at('key')), '-out', at('csr'), '-subj', `/CN=${name}`])
    const authority = ['-CA', this.caFile, '-CAkey', this.#keyFile, '-CAcreateserial']
    const rest = ['-days', String(days), '-extfile', at('ext'), '-out', at('pem')]
    openssl(['x509', '-req', '-in', at('csr'), ...authority, ...rest])
    return {
      certificateFile: at('pem'),
      keyFile: at('key'),
      cert: readFileSync(at('pem')),
      key: readFileSync(at('key')),
    }
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true })
  }
}

function newKey(file: string): string[] {
  return ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', file]
}

function openssl(args: readonly string[]): void {
  execFileSync('openssl', args, { stdio: 'pipe' })
}
