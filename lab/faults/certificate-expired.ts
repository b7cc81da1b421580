/** The certificate of a checker has expired. */
import { withinDesign, type Fault } from '../matrix/fault.ts'
import { evidence } from '../world/evidence.ts'

export const certificateExpired: Fault = {
  name: 'certificate-expired',
  design:
    'The certificate of a checker was not renewed in time, and the checker is started with it: nobody takes its word, as if it were ' +
    'not there. The two other sites decide. With a new certificate it is back.',
  bound: withinDesign,
  run: async (world) => {
    const { checker, name } = world.site(1)
    const identity = [`URI:fairlead://checker/${name}/${checker.name}`]
    await checker.end()
    world.authority.issue(checker.name, identity, 0)
    await checker.start()
    try {
      await world.endpointDies({ atLeastMs: 10_000 })
      await evidence.unheard(world, checker)
    } finally {
      await checker.end()
      world.authority.issue(checker.name, identity)
      await world.start(checker)
    }
  },
}
