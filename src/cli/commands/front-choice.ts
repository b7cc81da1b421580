/** Which dnsdist stands before PowerDNS. */
import { resolve } from 'node:path'
import { CommandError, EXIT } from '../../core/exit-code.ts'
import type { FrontChoice } from '../../nameserver/main.ts'
import type { Io } from '../io.ts'
import type { FrontFlags } from '../settings/front-settings.ts'

/** null: none. Throws CommandError with all that does not go together. */
export function parseFront(
  flags: FrontFlags,
  served: { readonly addresses: readonly string[]; readonly port: number },
  io: Io,
): FrontChoice | undefined {
  const faults = frontFaults(flags, served)
  if (faults.length > 0) throw new CommandError(EXIT.badInput, faults.join('\n'))
  if (flags.front === undefined) return undefined
  const { dnsCertificateFile, dnsKeyFile, dnsTlsPort: tlsPort, dnsHttpsPort: httpsPort } = flags
  const { backend, neighbours, clientQueriesPerSec, unknownNamesPerSec } = flags
  return {
    kind: flags.front === 'dnsdist' ? 'supervise' : 'attach',
    binary: flags.dnsdist,
    ...{ backend, neighbours, clientQueriesPerSec, unknownNamesPerSec },
    ...(dnsCertificateFile !== undefined &&
      dnsKeyFile !== undefined && {
        encrypted: {
          certificateFile: resolve(io.workingDirectory, dnsCertificateFile),
          keyFile: resolve(io.workingDirectory, dnsKeyFile),
          ...{ tlsPort, httpsPort },
        },
      }),
  }
}

/** What does not go together. */
export function frontFaults(
  flags: FrontFlags,
  served: { readonly addresses: readonly string[]; readonly port: number },
): string[] {
  const { front, dnsTlsPort, dnsHttpsPort, dnsCertificateFile, dnsKeyFile, backend, neighbours } = flags
  const faults: string[] = []
  const isEncrypted = dnsTlsPort !== undefined || dnsHttpsPort !== undefined
  if (front === undefined && (isEncrypted || neighbours.length > 0 || flags.dnsdist !== undefined))
    faults.push(
      '--dns-tls-port, --dns-https-port, --neighbours and --dnsdist are for a nameserver with --front',
    )
  if (isEncrypted && (dnsCertificateFile === undefined || dnsKeyFile === undefined))
    faults.push('DNS over TLS and over HTTPS need --dns-certificate-file and --dns-key-file')
  if (!isEncrypted && (dnsCertificateFile !== undefined || dnsKeyFile !== undefined))
    faults.push('--dns-certificate-file and --dns-key-file are for --dns-tls-port and --dns-https-port')
  if (front === undefined) return faults
  const ports = [served.port, backend.port, backend.port + 1, backend.port + 2, dnsTlsPort, dnsHttpsPort]
  const taken = ports.filter((port) => port !== undefined)
  if (backend.port < 1 || backend.port > 65_533)
    faults.push('--backend: a port from 1 to 65533 is expected, because the two after it are used as well')
  if (new Set(taken).size < taken.length)
    faults.push(
      `DNS, --backend with the two ports after it, TLS and HTTPS need ports of their own: ${taken.join(', ')}`,
    )
  const own = neighbours.filter(({ host, port }) => host === backend.host && port === backend.port)
  if (own.length > 0)
    faults.push(`--neighbours: ${backend.host}:${backend.port} is this nameserver's own backend`)
  return faults
}
