/** Who changes something: the name that history and audit keep, where the request came from, what it may do. */
import { FULL_ACCESS, type Access } from '../core/access/access.ts'

export interface Actor {
  /** Name of the token; the author of what it changes. */
  readonly name: string
  /** Address of the client, or a word for what is no client. */
  readonly from: string
  readonly access: Access
}

/** Control itself, at its own work. */
export const CONTROL_ITSELF: Actor = { name: 'fairlead', from: 'control', access: FULL_ACCESS }
