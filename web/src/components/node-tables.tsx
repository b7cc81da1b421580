import type { NameserverDetail } from '../../../src/core/views/health.ts'
import type { Status } from '../../../src/core/views/status.ts'
import type { Known } from '../state/known.ts'
import type { Mark } from '../state/mark.ts'
import { MarkBadge } from './mark-badge.tsx'

export function NodeTables({ known: { status, nameservers } }: { readonly known: Known }) {
  return (
    <>
      <section aria-label="Nameservers">
        <h2>Nameservers</h2>
        {nameservers.length === 0 && <p class="empty">None has reported yet.</p>}
        <ul class="nodes">
          {nameservers.map((one) => (
            <li key={`${one.site}/${one.name}`}>
              <MarkBadge mark={nameserverMark(one)} />
              <span class="name">{one.name}</span>
              <span class="hint">{one.site}</span>
              <span class="hint">{behindText(one.revisionsBehind, status.revision)}</span>
            </li>
          ))}
        </ul>
      </section>
      <section aria-label="Checkers">
        <h2>Checkers</h2>
        {status.checkers.length === 0 && <p class="empty">None is heard yet.</p>}
        <ul class="nodes">
          {status.checkers.map((one) => (
            <li key={one.checker}>
              <MarkBadge mark={checkerMark(one)} />
              <span class="name">{one.checker}</span>
              <span class="hint">{one.site}</span>
              <span class="hint">
                {behindText(Math.max(0, status.revision - one.revision), status.revision)}
              </span>
            </li>
          ))}
        </ul>
      </section>
    </>
  )
}

function nameserverMark({ live, ready, agrees, dnsServer }: NameserverDetail): Mark {
  if (!live) return { tone: 'bad', word: 'silent' }
  if (dnsServer.state === 'down') return { tone: 'bad', word: 'DNS server down' }
  if (!ready) return { tone: 'open', word: 'not ready' }
  return agrees === false ? { tone: 'warn', word: 'disagrees' } : { tone: 'good', word: 'ready' }
}

function checkerMark({ live, fenced }: Status['checkers'][number]): Mark {
  if (!live) return { tone: 'bad', word: 'silent' }
  return fenced ? { tone: 'warn', word: 'fenced off' } : { tone: 'good', word: 'heard' }
}

function behindText(behind: number, head: number): string {
  return behind === 0 ? `at revision ${head}` : `${behind} behind`
}
