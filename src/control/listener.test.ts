/** The API by HTTPS: what it shows, whom it turns away, and that without a certificate it stays on loopback. */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { connect as connectTcp, type AddressInfo } from 'node:net'
import { connect, TLSSocket } from 'node:tls'
import { pino } from 'pino'
import { afterAll, expect, it } from 'vitest'
import { systemClock } from '../adapters/clock/system-clock.ts'
import { CertificateAuthority } from '../adapters/probes/testing/certificates.ts'
import { closed } from '../adapters/transport/testing/closed.ts'
import { TlsIdentity } from '../adapters/transport/tls-identity.ts'
import type { Refusal } from '../ports/refusals.ts'
import type { ApiParts } from './api-parts.ts'
import { EventLog } from './event-log.ts'
import { EventStreams } from './event-stream.ts'
import { Listener, type ServerCertificate } from './listener.ts'
import { createMetrics } from './metrics.ts'
import { buildServer } from './server.ts'

const HOST = '127.0.0.1'
const clock = systemClock
const logger = pino({ level: 'silent' })
const authority = new CertificateAuthority()
afterAll(() => {
  authority[Symbol.dispose]()
})

async function apiBy(certificate: ServerCertificate | null) {
  const refusals: Refusal[] = []
  const parts = { metrics: createMetrics() } as Partial<ApiParts> as ApiParts
  const server = await buildServer({ logger, version: '1', https: certificate?.options }, () => parts)
  const streams = new EventStreams({ log: new EventLog(clock), clock, maxBufferedBytes: 1_000 })
  const onRefused = (what: Refusal) => refusals.push(what)
  return { refusals, server, listener: new Listener({ server, streams, clock, certificate, onRefused }) }
}

it('shows its certificate, also a renewed one, and refuses plain HTTP and older TLS', async () => {
  const issue = () => authority.issue('api', ['URI:fairlead://control/c1', `IP:${HOST}`])
  const tls = new TlsIdentity({ ...issue(), caFile: authority.caFile })
  const { server, listener, refusals } = await apiBy(tls)
  // By itself, since the listener takes loopback for plain HTTP.
  await server.listen({ host: HOST, port: 0 })
  const { port } = server.server.address() as AddressInfo
  const ca = readFileSync(authority.caFile)
  const serialOf = async () => {
    const asking = request({ host: HOST, port, path: '/healthz', ca, agent: false }).end()
    const [response] = (await once(asking, 'response')) as [IncomingMessage]
    response.resume()
    expect(response.statusCode).toBe(200)
    return response.socket instanceof TLSSocket
      ? response.socket.getPeerX509Certificate()?.serialNumber
      : null
  }
  const first = await serialOf()
  issue()
  tls.reload()
  expect(await serialOf()).not.toBe(first)

  const plain = connectTcp({ host: HOST, port })
  plain.write('GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n')
  plain.resume()
  await closed(plain)
  const late = connect({ host: HOST, port, ca, minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' })
  await closed(late)
  await expect
    .poll(() => refusals.map(({ reason }) => reason))
    .toEqual(['at the API: it speaks plain HTTP, and this is TLS', 'at the API: it offers no TLS 1.3'])
  await listener.close()
})

it.each(['0.0.0.0', '::', '192.0.2.1'])('does not listen on %s without a certificate', async (host) => {
  const { listener } = await apiBy(null)
  await expect(listener.listen({ host, port: 0 })).rejects.toThrow(/without a certificate/)
  await listener.close()
})
