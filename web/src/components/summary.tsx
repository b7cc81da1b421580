import type { ComponentChildren } from 'preact'
import type { Known } from '../state/known.ts'
import { MarkBadge } from './mark-badge.tsx'

export function Summary({ known: { status, nameservers } }: { readonly known: Known }) {
  const { endpoints, loadBalancers } = status.counts
  const heard = status.checkers.filter(({ live, fenced }) => live && !fenced).length
  const ready = nameservers.filter(({ live, ready }) => live && ready).length
  return (
    <dl class="summary">
      <Tile name="Endpoints" total={endpoints.total}>
        <MarkBadge mark={{ tone: 'good', word: `${endpoints.up} up` }} />
        {endpoints.down > 0 && <MarkBadge mark={{ tone: 'bad', word: `${endpoints.down} down` }} />}
        {endpoints.unknown > 0 && <MarkBadge mark={{ tone: 'open', word: `${endpoints.unknown} unknown` }} />}
        {endpoints.other > 0 && <MarkBadge mark={{ tone: 'off', word: `${endpoints.other} not judged` }} />}
      </Tile>
      <Tile name="Load balancers" total={loadBalancers.total}>
        {loadBalancers.byWhenDown === 0 ? (
          <MarkBadge mark={{ tone: 'good', word: 'each has healthy endpoints' }} />
        ) : (
          <MarkBadge mark={{ tone: 'bad', word: `${loadBalancers.byWhenDown} with nothing healthy` }} />
        )}
      </Tile>
      <Tile name="Checkers" total={status.checkers.length}>
        <Share count={heard} of={status.checkers.length} word="heard" />
      </Tile>
      <Tile name="Nameservers" total={nameservers.length}>
        <Share count={ready} of={nameservers.length} word="ready" />
      </Tile>
      <Tile name="Revision" total={status.revision}>
        <span class="hint">
          {location.host}, version {status.version}
        </span>
      </Tile>
    </dl>
  )
}

interface TileProps {
  readonly name: string
  readonly total: number
  readonly children: ComponentChildren
}

function Tile({ name, total, children }: TileProps) {
  return (
    <div class="tile">
      <dt>{name}</dt>
      <dd>
        <span class="figure">{total.toLocaleString('en-GB')}</span>
        <span class="parts">{children}</span>
      </dd>
    </div>
  )
}

function Share({ count, of, word }: { readonly count: number; readonly of: number; readonly word: string }) {
  if (of === 0) return <MarkBadge mark={{ tone: 'open', word: 'none yet' }} />
  const tone = count === of ? 'good' : count === 0 ? 'bad' : 'warn'
  return <MarkBadge mark={{ tone, word: count === of ? `all ${word}` : `${count} ${word}` }} />
}
