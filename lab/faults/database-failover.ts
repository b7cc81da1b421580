/** The primary of the database is killed, and its standby takes over. */
import { withinDesign, type Fault } from '../matrix/fault.ts'

export const databaseFailover: Fault = {
  name: 'database-failover',
  design:
    'PostgreSQL has a synchronous standby at another site. The primary is killed while changes come in through both controls and an ' +
    'endpoint dies, and the standby is promoted; the old primary is made anew as its standby, and the same is done the other way round. ' +
    'Changes go on, and each that was acknowledged is there once. Answers need no database.',
  bound: (pace) => ({ ...withinDesign(pace), writesMs: 5_000 }),
  run: (world) =>
    world.writing(async (writes) => {
      await world.database.addStandby()
      await writes.more(10)
      await Promise.all([world.database.failOver(), world.endpointDies()])
      await writes.more(10)
      await world.database.addStandby()
      await writes.more(10)
      await world.database.failOver()
      await writes.more(10)
    }),
}
