/** A typo in a monitor is applied, and rolled back. */
import { withinDesign, type Fault } from '../matrix/fault.ts'
import { evidence } from '../world/evidence.ts'
import { labDocument } from '../world/lab-document.ts'

export const badRevision: Fault = {
  name: 'bad-revision',
  design:
    'A revision is applied in which the monitor asks for a path that no endpoint has; after 20 s it is rolled back, and an endpoint ' +
    'dies. A new definition that would take out so many is not believed: the verdicts of before stand, and an alarm says so. After the ' +
    'rollback votes are counted anew, by all sites.',
  bound: withinDesign,
  run: async (world) => {
    const good = labDocument(world)
    const revisions = await world.cli('get', 'revisions', '--limit', '1', '--json')
    const [head] = JSON.parse(revisions) as { number: number }[]
    await world.apply({ ...good, monitors: good.monitors.map((monitor) => ({ ...monitor, path: '/typo' })) })
    try {
      const alarm = evidence.alarm(world, 'new definition of the monitors')
      await Promise.all([world.load.pass(20_000), alarm])
    } finally {
      await world.cli('rollback', String(head?.number))
      world.disturbed()
    }
    await world.endpointDies()
  },
}
