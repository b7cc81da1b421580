/** Where clients are: a database of locations, of which the operator has the file. */
import type { ClientLocation } from '../core/steering/evaluate.ts'

/** null: nothing is known of this address (canonical). */
export type Locate = (address: string) => ClientLocation | null
