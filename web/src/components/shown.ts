/** What components show; they change none of it. */
import type { ReadonlySignal } from '@preact/signals'
import type { Connection } from '../state/connection.ts'
import type { Known } from '../state/known.ts'

export interface Shown {
  readonly known: ReadonlySignal<Known | null>
  readonly connection: ReadonlySignal<Connection>
  readonly nowMs: ReadonlySignal<number>
  /** Of what is known: it stands still while the connection is lost. */
  readonly asOfMs: ReadonlySignal<number>
}
