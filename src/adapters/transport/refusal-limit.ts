/**
 * Refusals on their way to whoever keeps them: those who knock as often as they like must fill no log and no report, and must not
 * crowd out those of others.
 * What must stay true: of each WINDOW_MS the first ones of each node and of each network are told one by one, and how many more there
 * were is told as well; strangers take nothing of what is kept for nodes, nor for identities that are vouched for; what a node tells of
 * strangers takes nothing of its own; what is remembered is bounded.
 */
import { FairShare, type ShareOf } from '../../core/access/fair-share.ts'
import { NestedShare } from '../../core/access/nested-share.ts'
import { clientNetwork } from '../../core/net/client-network.ts'
import type { Clock } from '../../ports/clock.ts'
import type { OnRefused, Refusal } from '../../ports/refusals.ts'

const WINDOW_MS = 10_000
/** Of nodes there are as many as have certificates, of networks as many as somebody can reach us from. */
const OF_NODES: ShareOf = { each: 20, known: 1_000, more: 200 }
const OF_NETWORKS: ShareOf = { each: 20, known: 100, more: 100 }
/** What one node tells of others, and of one network. */
const RELAYED = {
  outer: { each: 40, known: 1_000, more: 400 },
  inner: { each: 10, known: 2_000, more: 400 },
} as const
/** Of identities that are vouched for, by who tells of them. */
const VOUCHED = {
  outer: { each: 40, known: 1_000, more: 400 },
  inner: { each: 5, known: 2_000, more: 400 },
} as const
/** Of those that nobody vouches for: with other names that they gave themselves. */
const MAX_ALIKE = 3

export class RefusalLimit {
  readonly #onRefused: OnRefused
  readonly #clock: Clock
  readonly #nodes = new FairShare(OF_NODES)
  readonly #networks = new FairShare(OF_NETWORKS)
  readonly #relayed = new NestedShare(RELAYED)
  readonly #vouched = new NestedShare(VOUCHED)
  /** Strangers of one network who were told the same. */
  readonly #alike = new Map<string, number>()
  /** What is told of those that were left out, with their number. */
  readonly #more = new Map<string, { readonly of: Omit<Refusal, 'reason'>; count: number }>()
  #cancel: (() => void) | null = null

  constructor(onRefused: OnRefused, clock: Clock) {
    this.#onRefused = onRefused
    this.#clock = clock
  }

  tell(what: Refusal): void {
    this.#cancel ??= this.#clock.after(WINDOW_MS, () => {
      this.#endWindow()
    })
    if (this.#take(what)) this.#onRefused(what)
    else this.#leaveOut(this.#groupOf(what))
  }

  stop(): void {
    this.#cancel?.()
  }

  #take(what: Refusal): boolean {
    const { who, from, reason, by, via = '', vouched } = what
    if (by !== undefined) return this.#nodes.take(by)
    if (vouched) return this.#vouched.take(via, who)
    const network = clientNetwork(from)
    const key = JSON.stringify([via, network, reason])
    const alike = this.#alike.get(key) ?? 0
    if (alike >= MAX_ALIKE) return false
    const isTaken = via === '' ? this.#networks.take(network) : this.#relayed.take(via, network)
    if (isTaken) this.#alike.set(key, alike + 1)
    return isTaken
  }

  /** Those that have had some are named. */
  #groupOf({ who, from, by, via, vouched }: Refusal): Omit<Refusal, 'reason'> {
    if (by !== undefined) return this.#nodes.knows(by) ? { who: by, from: '', by } : { who: '', from: '' }
    const outer = via ?? ''
    if (vouched) {
      const told = via !== undefined && this.#vouched.knowsOuter(via) ? { via } : {}
      const isKnown = this.#vouched.knows(outer, who)
      return isKnown ? { who, from: '', ...told, vouched } : { who: '', from: '', ...told }
    }
    const network = clientNetwork(from)
    if (via === undefined) return { who: '', from: this.#networks.knows(network) ? network : '' }
    const told = this.#relayed.knowsOuter(via) ? { via } : {}
    return { who: '', from: this.#relayed.knows(via, network) ? network : '', ...told }
  }

  #leaveOut(of: Omit<Refusal, 'reason'>): void {
    const key = JSON.stringify([of.who, of.from, of.by, of.via, of.vouched])
    const known = this.#more.get(key)
    if (known === undefined) this.#more.set(key, { of, count: 1 })
    else known.count += 1
  }

  #endWindow(): void {
    this.#cancel = null
    for (const share of [this.#nodes, this.#networks, this.#relayed, this.#vouched]) share.reset()
    this.#alike.clear()
    for (const { of, count } of this.#more.values()) {
      const at = of.via === undefined ? '' : `at ${of.via}: `
      this.#onRefused({ ...of, reason: `${at}${count} more were refused within ten seconds` })
    }
    this.#more.clear()
  }
}
