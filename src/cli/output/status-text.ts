/** Words and colours of a status, the same in tables and in the live view. */
import type { Status } from '../../core/views/status.ts'
import type { Paint } from './paint.ts'
import { printable } from './printable.ts'

type EndpointState = Status['endpoints'][number]['state']
type Answer = Status['loadBalancers'][number]['answers'][number]

export const STATE_STYLES: Readonly<Record<EndpointState, keyof Paint>> = {
  up: 'green',
  down: 'red',
  unknown: 'yellow',
  disabled: 'dim',
  unmonitored: 'dim',
}

/** Addresses; for weighted each with its share; then what is out of the ordinary about the answer. */
export function answerText({ kind, values, weights, rule }: Answer): string {
  const notes = rule === 'when-down' ? ' (nothing healthy)' : ''
  if (kind === 'refused') return `refused${notes}`
  const total = (weights ?? []).reduce((sum, weight) => sum + weight, 0)
  const texts = values.map((value, index) => {
    const weight = weights?.[index]
    return weight === undefined || total === 0 ? value : `${value} ${Math.round((weight / total) * 100)}%`
  })
  return printable((texts.length === 0 ? 'none' : texts.join(', ')) + notes)
}
