/**
 * Refusals on their way to whoever keeps them: those who knock as often as they like must fill no log and no report, and must not
 * crowd out those of others.
 * What must stay true: of each WINDOW_MS the first ones of each node and of each network are told one by one, and how many more there
 * were is told as well; strangers take nothing of what is kept for nodes; what is remembered is bounded.
 */
import { FairShare, type ShareOf } from '../../core/access/fair-share.ts'
import { clientNetwork } from '../../core/net/client-network.ts'
import type { Clock } from '../../ports/clock.ts'
import type { OnRefused, Refusal } from '../../ports/refusals.ts'

const WINDOW_MS = 10_000
/** Of nodes there are as many as have certificates, of networks as many as somebody can reach us from. */
const OF_NODES: ShareOf = { each: 20, known: 1_000, more: 200 }
const OF_NETWORKS: ShareOf = { each: 20, known: 100, more: 100 }

export class RefusalLimit {
  readonly #onRefused: OnRefused
  readonly #clock: Clock
  readonly #nodes = new FairShare(OF_NODES)
  readonly #networks = new FairShare(OF_NETWORKS)
  /** How many were left out, of whom; '': of those that are not known. */
  readonly #more = new Map<string, number>()
  #cancel: (() => void) | null = null

  constructor(onRefused: OnRefused, clock: Clock) {
    this.#onRefused = onRefused
    this.#clock = clock
  }

  tell(what: Refusal): void {
    this.#cancel ??= this.#clock.after(WINDOW_MS, () => {
      this.#endWindow()
    })
    const [share, key] =
      what.by === undefined ? [this.#networks, clientNetwork(what.from)] : [this.#nodes, what.by]
    if (share.take(key)) this.#onRefused(what)
    else {
      const whose = share.knows(key) ? key : ''
      this.#more.set(whose, (this.#more.get(whose) ?? 0) + 1)
    }
  }

  stop(): void {
    this.#cancel?.()
  }

  #endWindow(): void {
    this.#cancel = null
    this.#nodes.reset()
    this.#networks.reset()
    for (const [of, more] of this.#more) {
      const isNode = of.startsWith('fairlead:')
      const reason = `${more} more were refused within ten seconds`
      this.#onRefused({ who: isNode ? of : '', from: isNode ? '' : of, reason, ...(isNode && { by: of }) })
    }
    this.#more.clear()
  }
}
