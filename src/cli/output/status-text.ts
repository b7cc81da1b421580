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

/** The policy, and whether its answers stay on a later tier. */
export function policyText({ policy, latched }: Status['loadBalancers'][number]): string {
  return latched.length === 0 ? policy : `${policy}, latched`
}

/** The verdict, and beside it what operators and the withdrawal budget say. */
export function stateText({ state, degraded, beside }: Status['endpoints'][number]): string {
  return [degraded ? 'degraded' : state, ...beside].join(', ')
}

/** What is out of the ordinary, first, for a long answer may be cut off; then addresses, for weighted each with its share. */
export function answerText({ kind, values, weights, rule }: Answer): string {
  const note = rule === 'when-down' ? 'nothing healthy: ' : ''
  if (kind === 'refused') return `${note}refused`
  const total = (weights ?? []).reduce((sum, weight) => sum + weight, 0)
  const texts = values.map((value, index) => {
    const weight = weights?.[index]
    return weight === undefined || total === 0 ? value : `${value} ${Math.round((weight / total) * 100)}%`
  })
  return printable(note + (texts.length === 0 ? 'none' : texts.join(', ')))
}
