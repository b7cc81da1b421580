/**
 * What lives as long as a check: its running probe and the connection that it keeps for the next one. The AbortSignal that a
 * check probes with stands for it (ports/prober.ts).
 * What must stay true: aborting the signal ends the probe and closes the connection at once; one listener on the signal serves
 * all probes of the check (adding and removing one for each was measured at 3 % of a probe); how many connections are kept in
 * all is bounded, so that new ones never lack descriptors.
 */
import type { Monitor } from '../../core/model/monitor.ts'
import type { ProbeTarget } from '../../ports/prober.ts'
import type { ProbeConnection } from './probe-connection.ts'

/** What a kept connection was opened for: it serves nothing else. */
export interface KeptFor {
  readonly monitor: Monitor
  readonly target: ProbeTarget
}

interface Kept extends KeptFor {
  readonly connection: ProbeConnection
}

/** Connections that may still be kept, over all checks of a prober. */
export interface KeepBudget {
  left: number
}

/** Probes on one connection, the one that opened it among them: every 20th sees a fresh handshake, and so the certificate. */
export const MAX_USES = 20

export class CheckScope {
  /** Probes that the next connection may serve. */
  #life: number
  readonly #budget: KeepBudget
  /** Ends a running probe: hardly ever more than one. */
  readonly #running: (() => void)[] = []
  #kept: Kept | null = null

  /** `firstLife`: uses of the first connection, so that checks that start together do not renew theirs together for ever. */
  constructor(signal: AbortSignal, budget: KeepBudget, firstLife: number) {
    this.#life = firstLife
    this.#budget = budget
    signal.addEventListener('abort', () => {
      this.#drop()
      for (const abort of [...this.#running]) abort()
    })
  }

  enter(abort: () => void): void {
    this.#running.push(abort)
  }

  leave(abort: () => void): void {
    const index = this.#running.indexOf(abort)
    if (index >= 0) this.#running.splice(index, 1)
  }

  /** Keeps an idle connection; closes it when it has served, when there is one already, or the budget is spent. */
  keep(connection: ProbeConnection, { monitor, target }: KeptFor): void {
    const hasServed = connection.uses >= this.#life
    if (hasServed) this.#life = MAX_USES
    if (hasServed || this.#kept !== null || this.#budget.left === 0) {
      connection.destroy()
      return
    }
    this.#budget.left -= 1
    this.#kept = { connection, monitor, target }
    // Whatever happens on an idle connection ends its use: a close, and also bytes, which would pass for the next reply.
    const drop = () => {
      if (this.#kept?.connection === connection) this.#drop()
    }
    connection.user = { onData: drop, onEnd: drop, onError: drop, onClose: drop }
  }

  /** The kept connection, which is the caller's from now on; null when there is none that fits. */
  take({ monitor, target }: KeptFor): ProbeConnection | null {
    const kept = this.#kept
    if (kept === null) return null
    const { address, port } = kept.target
    if (kept.monitor !== monitor || address !== target.address || port !== target.port) {
      this.#drop()
      return null
    }
    this.#forget()
    return kept.connection
  }

  #drop(): void {
    const connection = this.#kept?.connection
    this.#forget()
    connection?.destroy()
  }

  #forget(): void {
    if (this.#kept === null) return
    this.#kept = null
    this.#budget.left += 1
  }
}
