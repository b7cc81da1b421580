/** Packets from one site to another vanish; the other way they pass. */
import { withinDesign, type Fault } from '../matrix/fault.ts'
import { evidence } from '../world/evidence.ts'

export const oneWayCut: Fault = {
  name: 'one-way-cut',
  design:
    'What one site sends to another vanishes, and what comes from there arrives: neither can open a connection to the other. Each sees ' +
    'the endpoints of the other as dead, is one vote of three, and nothing changes; a death is confirmed by whoever sees it.',
  bound: withinDesign,
  run: async (world) => {
    world.network.cut('fra', 'lon', 'one')
    await world.endpointDies({ isAllowed: ({ site }) => site === 'ams', atLeastMs: 15_000 })
    await evidence.dropped(world)
    world.heal()
  },
}
