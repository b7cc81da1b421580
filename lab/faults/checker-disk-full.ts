/** The disk of a checker is full. */
import { withinDesign, type Fault } from '../matrix/fault.ts'
import { disk } from '../world/disk.ts'

export const checkerDiskFull: Fault = {
  name: 'checker-disk-full',
  design:
    'A checker can write no file. It needs its disk only to start again: it goes on probing and telling, by the configuration that it ' +
    'has, while an endpoint dies.',
  bound: withinDesign,
  run: async (world) => {
    const { checker } = world.site(1)
    disk.fill(checker)
    try {
      await world.endpointDies({ atLeastMs: 10_000 })
    } finally {
      disk.free(checker)
    }
  },
}
