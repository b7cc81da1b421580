/**
 * A moment of the past, from what the store keeps: the configuration of the revision that was in force, and the verdicts that
 * stood.
 * What must stay true: what is not kept is said, never made up; the cost is that of the revisions since then.
 */
import { healthIntentOf } from '../core/health/health-intent.ts'
import { quorumAt } from '../core/health/electorate.ts'
import { UNDECIDED, type Quorum, type Verdict } from '../core/health/verdict.ts'
import { applyChanges, type Configuration } from '../core/model/configuration.ts'
import type { EndpointKey } from '../core/model/resource.ts'
import { AnswerPlan } from '../core/steering/answer-plan.ts'
import type { ExplainContext } from '../core/steering/explain-context.ts'
import { Latches } from '../core/steering/state/latches.ts'
import type { ConfigurationSnapshot } from '../ports/feed.ts'
import type { Locate } from '../ports/locations.ts'
import type { RecordedTransition } from '../ports/history.ts'
import type { Revision, Store } from '../ports/store.ts'
import { undoing } from './recorded-changes.ts'

export interface PastOptions {
  readonly store: Pick<Store, 'revisions' | 'history'>
  readonly now: ConfigurationSnapshot
  /** As they stand now. */
  readonly verdict: (endpoint: EndpointKey) => Verdict | undefined
  readonly locate: Locate
}

export type Past =
  | { readonly kind: 'known'; readonly context: ExplainContext }
  /** In words, as the end of a sentence about the moment. */
  | { readonly kind: 'not-known'; readonly reason: string }

/** Revisions that are read at once. */
const PAGE = 200

/** What no store keeps of a moment. */
const NOT_KEPT = [
  'what each nameserver had published, and what probes said in full',
  'how far recovered endpoints had ramped up, and which ones the withdrawal budget held',
]

/** The answer shown is that of the verdicts alone. */
const MAY_HAVE_STAYED =
  'so an endpoint that was down may have stayed answered, where the withdrawal budget was spent: see the events of that time in your logs'

export async function pastAt(atMs: number, options: PastOptions): Promise<Past> {
  const { store, now, locate } = options
  const found = await configurationAt(atMs, options)
  if (found.kind === 'not-known') return found
  const { configuration, revision } = found
  const [before, after] = await Promise.all([store.history.asOf(atMs), store.history.firstAfter(atMs)])
  const verdicts = new PastVerdicts({ configuration, before, after, now: options.verdict })
  const latches = new Latches()
  latches.define(configuration)
  const { verdict } = verdicts
  return {
    kind: 'known',
    context: {
      ...{ configuration, revision, atMs, locate, verdict },
      plan: new AnswerPlan(configuration),
      notKept: [
        ...NOT_KEPT,
        ...(verdicts.someDown() ? [MAY_HAVE_STAYED] : []),
        ...(revision === now.revision ? [] : ['what databases of locations said then']),
      ],
      view: {
        ...{ wallMs: atMs, verdict, rampShare: () => 1, isHeld: () => false },
        latchedTier: (...at) => latches.latchedTier(...at),
      },
      probes: () => [],
      sinceMs: verdicts.sinceMs,
      published: () => null,
    },
  }
}

type FoundConfiguration =
  | { readonly kind: 'found'; readonly configuration: Configuration; readonly revision: number }
  | Extract<Past, { kind: 'not-known' }>

/** Takes back the revisions that came later. */
async function configurationAt(atMs: number, { store, now }: PastOptions): Promise<FoundConfiguration> {
  let { configuration } = now
  let last: Revision | null = null
  for (let before = now.revision + 1; before > 1;) {
    const page = await store.revisions({ before, limit: PAGE })
    for (const revision of page) {
      if (revision.atMs <= atMs) return { kind: 'found', configuration, revision: revision.number }
      const changes = undoing(revision)
      if (changes === null)
        return {
          kind: 'not-known',
          reason: `is before revision ${revision.number}, which an older program wrote and this one cannot take back`,
        }
      configuration = applyChanges(configuration, changes)
      last = revision
    }
    before = page.at(-1)?.number ?? 1
  }
  return { kind: 'not-known', reason: beforeTheFirst(last) }
}

function beforeTheFirst(first: Revision | null): string {
  if (first === null) return 'is before anything was applied'
  return `is before the first revision, which is of ${new Date(first.atMs).toISOString()}`
}

interface PastVerdictsOptions {
  readonly configuration: Configuration
  readonly before: readonly RecordedTransition[]
  readonly after: readonly RecordedTransition[]
  readonly now: (endpoint: EndpointKey) => Verdict | undefined
}

class PastVerdicts {
  readonly #intent: ReturnType<typeof healthIntentOf>
  readonly #before: ReadonlyMap<EndpointKey, RecordedTransition>
  readonly #after: ReadonlyMap<EndpointKey, RecordedTransition>
  readonly #now: PastVerdictsOptions['now']

  constructor({ configuration, before, after, now }: PastVerdictsOptions) {
    this.#intent = healthIntentOf(configuration)
    this.#before = new Map(before.map((one) => [one.endpoint, one]))
    this.#after = new Map(after.map((one) => [one.endpoint, one]))
    this.#now = now
  }

  /** From the last change before the moment, with its votes; else by where the next one came from; else as it still is. */
  readonly verdict = (endpoint: EndpointKey): Verdict | undefined => {
    if (!this.#intent.endpoints.has(endpoint)) return undefined
    const last = this.#before.get(endpoint)
    if (last !== undefined) {
      const { to: state, degraded, rule, quorum, votes, lastUp } = last
      return { ...UNDECIDED, state, degraded, rule, quorum, votes, lastUp, hasQuorum: true }
    }
    const next = this.#after.get(endpoint)
    const { state, lastUp = 0 } =
      next === undefined ? (this.#now(endpoint) ?? UNDECIDED) : { state: next.from, lastUp: next.lastUp }
    const rule = RULE_OF[state]
    return { ...UNDECIDED, state, lastUp, rule, quorum: this.#quorumOf(endpoint), votes: [] }
  }

  /** Some endpoint was down, and may have been held. */
  someDown(): boolean {
    return [...this.#intent.endpoints.keys()].some((endpoint) => this.verdict(endpoint)?.state === 'down')
  }

  readonly sinceMs = (endpoint: EndpointKey): number | null => this.#before.get(endpoint)?.atMs ?? null

  #quorumOf(endpoint: EndpointKey): Quorum {
    const electorate = this.#intent.endpoints.get(endpoint)?.electorate
    if (electorate === undefined) return { down: 1, up: 1 }
    const sites = [...this.#intent.topology.keys()].filter((site) => electorate.sites?.includes(site) ?? true)
    return quorumAt(electorate, Math.min(electorate.voters, sites.length))
  }
}

/** A state came about by the only rule that leads to it. */
const RULE_OF = { unknown: 'never-decided', up: 'quorum-up', down: 'quorum-down' } as const
