import type { WhoAmI } from '../../../src/core/views/token.ts'
import { clockText, spanText } from '../state/time-words.ts'
import type { Shown } from './shown.ts'
import { Brand } from './brand.tsx'
import { LiveBadge } from './live-badge.tsx'

interface HeaderProps {
  readonly who: WhoAmI
  readonly shown: Shown
  readonly onSignOut: () => void
}

export function Header({ who, shown, onSignOut }: HeaderProps) {
  return (
    <header class="top">
      <h1>
        <Brand />
      </h1>
      <LiveBadge shown={shown} />
      <div class="who">
        <p>
          <b>{who.name}</b> <span class="chip">{who.role}</span>
        </p>
        <p class="hint">
          {scopeText(who)} · <Ending expiresAtMs={who.expiresAtMs} shown={shown} />
        </p>
      </div>
      <button type="button" onClick={onSignOut}>
        Sign out
      </button>
    </header>
  )
}

function scopeText({ scope, role }: WhoAmI): string {
  if (scope === undefined) return role === 'viewer' ? 'reads everything' : 'for everything'
  const of = (what: string, globs: readonly string[]) =>
    globs.length === 0 ? [] : [`${what} ${globs.join(', ')}`]
  return `for ${[...of('zones', scope.zones), ...of('pools', scope.pools)].join('; ')}`
}

function Ending({ expiresAtMs, shown }: { readonly expiresAtMs: number | null; readonly shown: Shown }) {
  if (expiresAtMs === null) return <span>the token does not end</span>
  const nowMs = shown.nowMs.value
  return (
    <span>
      until {clockText(expiresAtMs, nowMs)}, in {spanText(expiresAtMs - nowMs)}
    </span>
  )
}
