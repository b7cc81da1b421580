/** All controls and the database go while endpoints die. */
import { withinDesign, type Fault } from '../matrix/fault.ts'

export const controlAndDatabaseGone: Fault = {
  name: 'control-and-database-gone',
  design:
    'Both controls and PostgreSQL are killed; then an endpoint dies and comes back. Health goes from checkers to nameservers ' +
    'directly, so the bounds are the same as with them. Ten die in ten minutes, with --brief one.',
  bound: withinDesign,
  run: async (world) => {
    for (const control of world.controls) await control.end('SIGKILL')
    await world.database.end('SIGKILL')
    for (let death = 1; death <= (world.isBrief ? 1 : 10); death += 1)
      await world.endpointDies({ atLeastMs: world.isBrief ? 0 : 60_000 })
    await world.database.resume()
    await Promise.all(world.controls.map((control) => control.start()))
  },
}
