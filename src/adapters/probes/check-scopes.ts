/** The scope of every check that probes, for as long as somebody holds its signal. */
import { readFileSync } from 'node:fs'
import { CheckScope, MAX_USES, type KeepBudget } from './check-scope.ts'

/** Where the system does not say (it is Linux that does), what every system grants. */
const LEAST_DESCRIPTORS = 256

export class CheckScopes {
  readonly #scopes = new WeakMap<AbortSignal, CheckScope>()
  /** Half of the descriptors that this process may have, so that probes, frames and files never lack one. */
  readonly #budget: KeepBudget = { left: Math.floor(descriptorLimit() / 2) }

  #made = 0

  of(signal: AbortSignal): CheckScope {
    const known = this.#scopes.get(signal)
    if (known !== undefined) return known
    const scope = new CheckScope(signal, this.#budget, MAX_USES - (this.#made % MAX_USES))
    this.#made += 1
    this.#scopes.set(signal, scope)
    return scope
  }
}

/** The soft limit, which Node raises to the hard one at its start. */
function descriptorLimit(): number {
  const match = /^Max open files\s+(\d+)/m.exec(readLimits())
  return match === null ? LEAST_DESCRIPTORS : Number(match[1])
}

function readLimits(): string {
  try {
    return readFileSync('/proc/self/limits', 'utf8')
  } catch {
    return ''
  }
}
