/** What a change set did, or would do, resource by resource. */
import { EXIT, type ExitCode } from '../../core/exit-code.ts'
import type { Document } from '../../core/model/document.ts'
import { resourcesOfDocument } from '../../core/model/document.ts'
import type { ChangeOutcome } from '../../core/views/change-set.ts'
import type { Paint } from '../output/paint.ts'
import { printable } from '../output/printable.ts'
import { wordOfKind } from '../resource-word.ts'

type RecordedChange = ChangeOutcome['changes'][number]

export function deedOf(change: RecordedChange): 'created' | 'changed' | 'deleted' {
  if (change.before === null || change.before === undefined) return 'created'
  return change.after === null || change.after === undefined ? 'deleted' : 'changed'
}

const STYLES = { created: 'green', changed: 'yellow', deleted: 'red', unchanged: 'dim' } as const

/** One line for each resource of the files and each one deleted, then the sum. */
export function describeOutcome(
  outcome: ChangeOutcome,
  wanted: Document,
  { paint, dryRun }: { readonly paint: Paint; readonly dryRun: boolean },
): string[] {
  const touched = new Set(outcome.changes.map((change) => `${change.kind} ${change.name}`))
  const deeds = [
    ...outcome.changes.map((change) => ({
      deed: deedOf(change),
      kind: change.kind,
      name: change.name,
    })),
    ...resourcesOfDocument(wanted)
      .filter(({ kind, key }) => !touched.has(`${kind} ${key}`))
      .map(({ kind, key }) => ({ deed: 'unchanged' as const, kind, name: key })),
  ]
  const lines = deeds.map(
    ({ deed, kind, name }) =>
      `${paint[STYLES[deed]](deed.padEnd(9))}  ${wordOfKind(kind)} ${printable(name)}`,
  )
  const count = (deed: keyof typeof STYLES) => deeds.filter((one) => one.deed === deed).length
  if (outcome.changes.length === 0)
    return [...lines, `nothing to change: all is as the files say (revision ${outcome.revision})`]
  const sum = `${count('created')} created, ${count('changed')} changed, ${count('deleted')} deleted, ${count('unchanged')} unchanged`
  if (dryRun) {
    const { needsApproval = [] } = outcome
    const approval =
      needsApproval.length === 0
        ? []
        : [`it would wait for an approval: ${needsApproval.join(', ')} is protected`]
    return [...lines, ...describeAnswers(outcome), ...approval, `dry run, nothing was applied: ${sum}`]
  }
  return [...lines, proposedLine(outcome) ?? `applied as revision ${outcome.revision}: ${sum}`]
}

/** What a command ends with that asked for a change. */
export function exitCodeOf({ proposal }: ChangeOutcome): ExitCode {
  return proposal === undefined ? EXIT.ok : EXIT.proposed
}

/** Of a change set that waits for an approval; null for any other. */
export function proposedLine({ proposal, needsApproval = [] }: ChangeOutcome): string | null {
  if (proposal === undefined) return null
  return `proposed   as ${printable(proposal)}, because ${needsApproval.join(', ')} is protected: somebody else approves it with 'fairlead proposals approve ${printable(proposal)}'`
}

/** The DNS answers that would change, under the health of this moment. */
export function describeAnswers(outcome: ChangeOutcome): string[] {
  return (outcome.answers ?? []).map(
    ({ name, type, before, after }) =>
      `answer     ${printable(name)} ${type}: ${valuesText(before)} -> ${valuesText(after)}`,
  )
}

function valuesText(values: readonly string[] | null): string {
  return values === null || values.length === 0 ? 'none' : printable(values.join(', '))
}
