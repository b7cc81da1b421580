import { useSignal, type ReadonlySignal } from '@preact/signals'
import type { Status } from '../../../src/core/views/status.ts'
import { foundInTree } from '../state/found-in-tree.ts'
import { treeOf, type Tree } from '../state/tree.ts'
import { BalancerItem } from './balancer-item.tsx'
import { EndpointTable } from './endpoint-table.tsx'

interface ZoneTreeProps {
  readonly status: Status
  readonly nowMs: ReadonlySignal<number>
}

/** Up to so many load balancers are open from the beginning, and when they are what was looked for. */
const FEW = 12

export function ZoneTree({ status, nowMs }: ZoneTreeProps) {
  const text = useSignal('')
  const tree = foundInTree(treeOf(status), text.value)
  const isSearched = text.value.trim() !== ''
  const isOpen = tree.zones.reduce((count, { balancers }) => count + balancers.length, 0) <= FEW
  return (
    <section class="tree" aria-label="Zones">
      <div class="tree-head">
        <h2>Zones</h2>
        <input
          type="search"
          aria-label="Find by name, address or site"
          placeholder="Find by name, address, site"
          value={text}
          onInput={(event) => (text.value = event.currentTarget.value)}
        />
      </div>
      {isEmpty(tree) && (
        <p class="empty">{isSearched ? 'Nothing is called so.' : 'Nothing is configured yet.'}</p>
      )}
      {tree.zones.map(({ name, balancers }) => (
        <section key={name} class="zone" aria-label={`Zone ${name}`}>
          <h3>{name}</h3>
          {balancers.map((node) => (
            <BalancerItem
              key={`${node.balancer.name} ${isSearched && isOpen}`}
              node={node}
              isOpen={isOpen}
              nowMs={nowMs}
            />
          ))}
        </section>
      ))}
      {tree.others.length > 0 && (
        <section class="zone" aria-label="Pools behind no load balancer">
          <h3 class="words">Behind no load balancer</h3>
          <div class="balancer-body">
            <EndpointTable pools={tree.others} nowMs={nowMs} />
          </div>
        </section>
      )}
      <Unlisted status={status} />
    </section>
  )
}

function isEmpty({ zones, others }: Tree): boolean {
  return zones.length + others.length === 0
}

/** The control lists so many and no more; nothing is left out in silence. */
function Unlisted({ status: { counts, endpoints, loadBalancers } }: { readonly status: Status }) {
  const [more, moreBalancers] = [
    counts.endpoints.total - endpoints.length,
    counts.loadBalancers.total - loadBalancers.length,
  ]
  if (more <= 0 && moreBalancers <= 0) return null
  return (
    <p class="empty">
      Not listed here: {Math.max(0, more)} endpoints, of those that are in the best state, and{' '}
      {Math.max(0, moreBalancers)} load balancers.
    </p>
  )
}
