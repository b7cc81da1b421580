/** Where the tests' processes keep what Node has compiled: a command from the sources then costs less than half. */
import { join } from 'node:path'

export const COMPILE_CACHE = {
  NODE_COMPILE_CACHE: join(import.meta.dirname, '../../../node_modules/.cache/fairlead-tests'),
}
