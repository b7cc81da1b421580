/** Nonsense arrives at every port. */
import { withinDesign, type Fault } from '../matrix/fault.ts'
import { evidence } from '../world/evidence.ts'
import { sendMalformed } from '../world/malformed-senders.ts'

export const malformedPackets: Fault = {
  name: 'malformed-packets',
  design:
    'Cut, bent and random bytes are sent to DNS (UDP and TCP, IPv4 and IPv6), to the port for frames of every checker, to the port for ' +
    'nodes and to the API of every control, for 10 s; and by one with the certificate of a node, after a handshake. Who cannot prove ' +
    'who it is gets nothing read but that; who can is cut off at the first message that is none. Nobody ends, and answers go on.',
  bound: withinDesign,
  run: async (world) => {
    const { checker } = world.site(0)
    const run = () => Promise.all([sendMalformed(world, 10_000), world.endpointDies()])
    // A nameserver's certificate at a checker, and a checker's at a control.
    await evidence.says(world, checker, { words: 'was dropped: ', run })
    await evidence.denied(world, checker)
  },
}
