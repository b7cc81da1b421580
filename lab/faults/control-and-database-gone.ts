/** All controls and the database go while endpoints die. */
import { withinDesign, type Fault } from '../matrix/fault.ts'

export const controlAndDatabaseGone: Fault = {
  name: 'control-and-database-gone',
  design:
    'Both controls and PostgreSQL are killed; then two endpoints die and come back. Health goes from checkers to nameservers ' +
    'directly, so the bounds are the same as with them.',
  bound: withinDesign,
  run: async (world) => {
    for (const control of world.controls) await control.end('SIGKILL')
    await world.database.end('SIGKILL')
    await world.endpointDies()
    await world.endpointDies()
    await world.database.resume()
    for (const control of world.controls) await control.start()
  },
}
