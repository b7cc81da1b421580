/** What serves frames with a certificate of the test's choice, and says in them that it is of a site of the test's choice. */
import { pino } from 'pino'
import { systemClock } from '../../../src/adapters/clock/system-clock.ts'
import type { CertificateAuthority } from '../../../src/adapters/probes/testing/certificates.ts'
import { FrameServer } from '../../../src/adapters/transport/frame-server.ts'
import { TlsIdentity } from '../../../src/adapters/transport/tls-identity.ts'
import { ReportingChecker } from '../../../src/core/health/testing/reporting-checker.ts'

export async function falseChecker(
  authority: CertificateAuthority,
  about: { readonly host: string; readonly name: string; readonly uri: string; readonly says: string },
): Promise<FrameServer> {
  const { host, name, uri, says } = about
  const issued = authority.issue(name, [`URI:${uri}`])
  const server = new FrameServer({
    listen: { host, port: 0 },
    tls: new TlsIdentity({ ...issued, caFile: authority.caFile }),
    clock: systemClock,
    logger: pino({ level: 'silent' }),
    onRefused: () => undefined,
  })
  await server.listen()
  server.send(new ReportingChecker(name, says).snapshot())
  return server
}
