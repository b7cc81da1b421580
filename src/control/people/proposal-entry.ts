import { randomUUID } from 'node:crypto'
import type { AuditEntry } from '../../ports/audit.ts'
import type { Proposal } from '../../ports/proposals.ts'
import type { Actor } from '../actor.ts'

/** What the audit log says of a proposal. */
export function entryOf(
  { changes, message }: Pick<Proposal, 'changes' | 'message'>,
  { atMs, actor, action }: { readonly atMs: number; readonly actor: Actor; readonly action: string },
): AuditEntry {
  return {
    ...{ id: randomUUID(), atMs, actor: actor.name, from: actor.from, action, outcome: 'done' },
    ...{ revision: null, detail: message, changeCount: changes.length, times: 1 },
    changes: changes
      .slice(0, 50)
      .map(({ kind, key, after }) => ({ op: after === null ? 'delete' : 'put', kind, key })),
  }
}
