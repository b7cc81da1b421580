/** All controls and the database go while endpoints die. */
import { withinDesign, type Fault } from '../matrix/fault.ts'

export const controlAndDatabaseGone: Fault = {
  name: 'control-and-database-gone',
  design:
    'Both controls and PostgreSQL are killed; then an endpoint dies and comes back. Health goes from checkers to nameservers ' +
    'directly, so the bounds are the same as with them. With --long ten die in ten minutes.',
  bound: withinDesign,
  run: async (world) => {
    for (const control of world.controls) await control.end('SIGKILL')
    await world.database.end('SIGKILL')
    for (let death = 1; death <= (world.isLong ? 10 : 1); death += 1)
      await world.endpointDies({ atLeastMs: world.isLong ? 60_000 : 0 })
    await world.database.resume()
    await Promise.all(world.controls.map((control) => control.start()))
  },
}
