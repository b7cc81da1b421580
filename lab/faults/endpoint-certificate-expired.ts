/** The certificate of an endpoint has expired. */
import { withinDesign, type Fault } from '../matrix/fault.ts'

export const endpointCertificateExpired: Fault = {
  name: 'endpoint-certificate-expired',
  design:
    'An HTTPS endpoint is given a certificate that has expired, and goes on answering. Its clients refuse it, and so do the probes: ' +
    'each of them makes a connection of its own and verifies it. With a new certificate it is back.',
  bound: withinDesign,
  run: async (world) => {
    const endpoint = world.nextEndpoint(({ tls }) => tls !== null)
    world.expireCertificate(endpoint)
    await world.settle()
    world.renewCertificate(endpoint)
  },
}
