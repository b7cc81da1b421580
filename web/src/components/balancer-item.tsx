import { useSignal, type ReadonlySignal } from '@preact/signals'
import type { Balancer, BalancerNode } from '../state/tree.ts'
import { upText } from '../state/up-text.ts'
import { clockText } from '../state/time-words.ts'
import { MarkBadge } from './mark-badge.tsx'
import { EndpointTable } from './endpoint-table.tsx'

interface BalancerItemProps {
  readonly node: BalancerNode
  /** From the beginning: from then on it is as its reader left it. */
  readonly isOpen: boolean
  readonly nowMs: ReadonlySignal<number>
}

export function BalancerItem({ node: { balancer, pools, mark }, isOpen, nowMs }: BalancerItemProps) {
  const open = useSignal(isOpen)
  return (
    <details class="balancer" open={open} onToggle={(event) => (open.value = event.currentTarget.open)}>
      <summary>
        <MarkBadge mark={mark} />
        <span class="name">{balancer.name}</span>
        {balancer.counts !== undefined && <span class="hint">{upText(balancer.counts)}</span>}
        <span class="chip">{balancer.policy}</span>
        {balancer.latched.length > 0 && <span class="chip warn">latched</span>}
      </summary>
      {open.value && (
        <div class="balancer-body">
          <Answers balancer={balancer} nowMs={nowMs} />
          <EndpointTable pools={pools} nowMs={nowMs} />
        </div>
      )}
    </details>
  )
}

function Answers({
  balancer: { answers },
  nowMs,
}: {
  readonly balancer: Balancer
  readonly nowMs: ReadonlySignal<number>
}) {
  if (answers.length === 0) return <p class="answers hint">No answer yet.</p>
  return (
    <ul class="answers">
      {answers.map((answer) => (
        <li key={answer.type}>
          <b>{answer.type}</b>
          <code>{valuesText(answer)}</code>
          <span class="hint">
            TTL {answer.ttlSec} s ·{' '}
            {answer.readBackAtMs === null
              ? 'not read back yet'
              : `read back ${clockText(answer.readBackAtMs, nowMs.value)}`}
            {answer.rule === 'when-down' && ' · nothing is healthy: answered by whenDown'}
          </span>
        </li>
      ))}
    </ul>
  )
}

function valuesText({ kind, values, weights }: Balancer['answers'][number]): string {
  if (kind === 'refused') return 'refused'
  if (values.length === 0) return 'nothing'
  const total = (weights ?? []).reduce((sum, weight) => sum + weight, 0)
  return values
    .map((value, index) => {
      const weight = weights?.[index]
      return weight === undefined || total === 0 ? value : `${value} ${Math.round((weight / total) * 100)}%`
    })
    .join('  ')
}
