/** A checker stands still for 20 s. */
import { withinDesign, type Fault } from '../matrix/fault.ts'
import { evidence } from '../world/evidence.ts'

export const checkerStopped: Fault = {
  name: 'checker-stopped',
  design:
    'A checker gets SIGSTOP, and SIGCONT 20 s later. Its connections stand, but no frame comes: it has no vote, and the two others ' +
    'decide. When it goes on, the time-outs that it slept through are no failures.',
  bound: withinDesign,
  run: async (world) => {
    const { checker } = world.site(1)
    checker.signal('SIGSTOP')
    await world.endpointDies({ atLeastMs: 20_000 })
    await evidence.unheard(world, checker)
    checker.signal('SIGCONT')
    world.disturbed()
  },
}
