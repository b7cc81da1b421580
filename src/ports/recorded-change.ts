/** One change of a revision, as the store keeps it: what was there, and what is there since. */
import type { Kind } from '../core/model/resource.ts'

export interface RecordedChange {
  readonly kind: Kind
  readonly key: string
  /** null: it was not there before. */
  readonly before: unknown
  /** null: it was deleted. */
  readonly after: unknown
}
