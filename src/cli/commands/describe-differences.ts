/** The difference between two states of resources, field by field: '-' is what is there, '+' what would be. */
import { isDeepStrictEqual } from 'node:util'
import { pointerTo } from '../../core/model/fault.ts'
import type { ChangeOutcome } from '../../core/views/change-set.ts'
import type { Paint } from '../output/paint.ts'
import { printable } from '../output/printable.ts'
import { wordOfKind } from '../resource-word.ts'
import { deedOf, describeAnswers } from './describe-outcome.ts'

export interface FieldDifference {
  /** JSON pointer into the resource. */
  readonly pointer: string
  /** undefined: not there. */
  readonly before: unknown
  readonly after: unknown
}

const MARKS = { created: '+', changed: '~', deleted: '-' } as const
const STYLES = { created: 'green', changed: 'yellow', deleted: 'red' } as const

export function describeDifferences(outcome: ChangeOutcome, paint: Paint): string[] {
  if (outcome.changes.length === 0) return [`no difference (revision ${outcome.revision})`]
  const lines = outcome.changes.flatMap((change) => {
    const deed = deedOf(change)
    const head = paint[STYLES[deed]](`${MARKS[deed]} ${wordOfKind(change.kind)} ${printable(change.name)}`)
    if (deed === 'deleted') return [head]
    const before = deed === 'created' ? {} : change.before
    return [head, ...differencesOf(before, change.after).flatMap((field) => fieldLines(field, paint))]
  })
  return [...lines, ...describeAnswers(outcome)]
}

/** The smallest places that differ. Lists of different length differ as a whole: positions would mislead. */
export function differencesOf(before: unknown, after: unknown, pointer = ''): FieldDifference[] {
  if (isDeepStrictEqual(before, after)) return []
  if (isObject(before) && isObject(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])]
    return keys.flatMap((key) =>
      differencesOf(ownOf(before, key), ownOf(after, key), pointerTo(pointer, key)),
    )
  }
  if (Array.isArray(before) && Array.isArray(after) && before.length === after.length)
    return before.flatMap((item, index) => differencesOf(item, after[index], pointerTo(pointer, index)))
  return [{ pointer, before, after }]
}

function fieldLines({ pointer, before, after }: FieldDifference, paint: Paint): string[] {
  const text = (value: unknown) => printable(JSON.stringify(value))
  const name = printable(pointer.slice(1))
  return [
    ...(before === undefined ? [] : [paint.red(`    - ${name}: ${text(before)}`)]),
    ...(after === undefined ? [] : [paint.green(`    + ${name}: ${text(after)}`)]),
  ]
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A field may be called `valueOf`: what every object has of that name is not meant. */
function ownOf(value: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(value, key) ? value[key] : undefined
}
