import type { Shown } from './shown.ts'
import { Alarms } from './alarms.tsx'
import { EventList } from './event-list.tsx'
import { NodeTables } from './node-tables.tsx'
import { Summary } from './summary.tsx'
import { ZoneTree } from './zone-tree.tsx'

/** What was known stays while the control is gone. */
export function Overview({ shown }: { readonly shown: Shown }) {
  const known = shown.known.value
  if (known === null) return <p class="starting">Nothing has come from the control yet.</p>
  const { status } = known
  const isOld = shown.connection.value.kind === 'lost'
  return (
    <main class={isOld ? 'overview old' : 'overview'}>
      <Alarms status={status} isOld={isOld} />
      <Summary known={known} />
      <div class="columns">
        <ZoneTree status={status} nowMs={shown.asOfMs} />
        <aside>
          <NodeTables known={known} />
          <EventList events={status.events} nowMs={shown.asOfMs} />
        </aside>
      </div>
    </main>
  )
}
