/** Where a bench keeps the certificate and the key of a part of Fairlead, and the authority that all of them have. */
import { join } from 'node:path'
import type { TlsFiles } from '../src/adapters/transport/tls-identity.ts'

export function tlsFilesIn(folder: string, name: string): TlsFiles {
  return {
    certificateFile: join(folder, `${name}.pem`),
    keyFile: join(folder, `${name}.key`),
    caFile: join(folder, 'ca.pem'),
  }
}
