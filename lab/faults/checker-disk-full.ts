/** The disk of a checker is full. */
import { withinDesign, type Fault } from '../matrix/fault.ts'
import { evidence } from '../world/evidence.ts'
import { disk } from '../world/disk.ts'

export const checkerDiskFull: Fault = {
  name: 'checker-disk-full',
  design:
    'A checker can write no file, and a revision comes that it would keep; an alarm says that it cannot. It needs its disk only to ' +
    'start again: it goes on probing and telling, by the new revision, while an endpoint dies.',
  bound: withinDesign,
  run: async (world) => {
    const { checker } = world.site(1)
    disk.fill(checker)
    try {
      await world.apply({ monitors: [{ name: 'more', kind: 'tcp' }] })
      await world.endpointDies({ atLeastMs: 10_000 })
      await evidence.alarm(world, 'the configuration could not be saved')
    } finally {
      disk.free(checker)
      await world.cli('delete', 'monitor', 'more')
    }
  },
}
