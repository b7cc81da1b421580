/** All sites are far from each other. */
import { withinDesign, type Fault } from '../matrix/fault.ts'

/** Between two sites, one way. At five times the pace a probe has half the time, and the earth is as much smaller. */
const DELAY_MS = { '5s': 150, '1s': 50 } as const

export const backboneDelay: Fault = {
  name: 'backbone-delay',
  design:
    'Every packet between two sites takes 150 ms (with the pace of 1s: 50 ms), 300 ms there and back, as from Europe to Australia. A ' +
    'probe by HTTPS needs three round trips and is within its time-out; frames are late, and not missing. Nothing that lives is taken ' +
    'out, and an HTTP and an HTTPS endpoint that die are out in the usual time. Then the delay is gone from one moment to the next.',
  bound: withinDesign,
  run: (world) =>
    world.delaying(DELAY_MS[world.pace], async () => {
      await world.load.pass(15_000)
      await world.endpointDies({ isAllowed: ({ tls }) => tls === null })
      await world.endpointDies({ isAllowed: ({ tls }) => tls !== null })
    }),
}
