import type { ReadonlySignal } from '@preact/signals'
import type { EndpointStatus } from '../state/known.ts'
import { markOf } from '../state/mark.ts'
import { spanText } from '../state/time-words.ts'
import type { PoolNode } from '../state/tree.ts'
import { upText } from '../state/up-text.ts'
import { MarkBadge } from './mark-badge.tsx'

interface EndpointTableProps {
  readonly pools: readonly PoolNode[]
  readonly nowMs: ReadonlySignal<number>
}

/** One table for all the pools of a load balancer, so that its columns are aligned. */
export function EndpointTable({ pools, nowMs }: EndpointTableProps) {
  return (
    <table class="endpoints">
      <thead>
        <tr>
          <th scope="col">Verdict</th>
          <th scope="col">Endpoint</th>
          <th scope="col">Address</th>
          <th scope="col">Site</th>
          <th scope="col">Since</th>
          <th scope="col">Last probe</th>
        </tr>
      </thead>
      {pools.map(({ name, endpoints, counts, unlisted }) => (
        <tbody key={name}>
          <tr class="pool">
            <th scope="rowgroup" colSpan={6}>
              pool <b>{name}</b>
              {counts.total === 0 ? ': empty' : `: ${upText(counts)}`}
              {unlisted > 0 && `, ${unlisted} not listed`}
            </th>
          </tr>
          {endpoints.map((one) => (
            <EndpointRow key={one.endpoint} endpoint={one} nowMs={nowMs} />
          ))}
        </tbody>
      ))}
    </table>
  )
}

interface EndpointRowProps {
  readonly endpoint: EndpointStatus
  readonly nowMs: ReadonlySignal<number>
}

function EndpointRow({ endpoint: one, nowMs }: EndpointRowProps) {
  const host = one.address.includes(':') ? `[${one.address}]` : one.address
  return (
    <tr data-endpoint={`${one.pool}/${one.endpoint}`}>
      <td>
        <MarkBadge mark={markOf(one)} />
        {one.beside.map((word) => (
          <span key={word} class="chip warn">
            {word}
          </span>
        ))}
      </td>
      <th scope="row">{one.endpoint}</th>
      <td>
        <code>
          {host}:{one.port}
        </code>
      </td>
      <td>{one.site}</td>
      <td title={`by ${one.rule}`}>{one.sinceMs === null ? '–' : spanText(nowMs.value - one.sinceMs)}</td>
      <td class="hint">{one.detail}</td>
    </tr>
  )
}
