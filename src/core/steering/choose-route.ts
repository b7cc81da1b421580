/**
 * Where a rule, or the policy itself, chooses: all eligible endpoints of its pools, or those of the first tier with enough.
 * What must stay true: only eligible endpoints are chosen, and none are chosen only where none is eligible.
 */
import type { MinHealthy, Route, Tier } from '../model/policy.ts'
import type { Candidate } from './eligibility.ts'

export interface RouteChoice {
  /** The tier that answers, by its place; null: the route has pools, or nothing is eligible. */
  readonly tier: number | null
  /** Everything in the tiers before is known: the choice is a failover, not a start. */
  readonly isSettled: boolean
  /** All endpoints of the route, each once. */
  readonly members: readonly Candidate[]
  readonly eligible: readonly Candidate[]
  /** What was decided and why, in order, for people. */
  readonly steps: readonly string[]
}

export interface RouteInput {
  readonly route: Route
  /** How the steps begin, such as 'failover' or 'rule 1'. */
  readonly title: string
  /** The endpoints of a pool, and of the pools inside it, of one record type. */
  readonly members: (pool: string) => readonly Candidate[]
  /** The first tier that may answer: later than 0 after a failover that latched. */
  readonly latchedTier: number
}

export function chooseRoute(input: RouteInput): RouteChoice {
  const { route, title } = input
  if (route.kind === 'tiers') return chooseTier(route.tiers, input)
  const members = distinct(route.pools.map(input.members))
  const eligible = members.filter((candidate) => candidate.eligible)
  return {
    tier: null,
    isSettled: true,
    members,
    eligible,
    steps: [`${title}: ${eligible.length} of ${members.length} eligible`],
  }
}

interface SeenTier {
  readonly index: number
  readonly members: readonly Candidate[]
  readonly eligible: readonly Candidate[]
  readonly needed: number
  readonly pool: string
}

/** From the latched tier on; then the ones before it, which are better than a tier that has too few. */
function chooseTier(tiers: readonly Tier[], { title, members, latchedTier }: RouteInput): RouteChoice {
  const seen = tiers.map(({ pool, minHealthy }, index): SeenTier => {
    const all = members(pool)
    const eligible = all.filter((candidate) => candidate.eligible)
    return { index, pool, members: all, eligible, needed: neededOf(minHealthy, all) }
  })
  const order = [...seen.slice(latchedTier), ...seen.slice(0, latchedTier)]
  const steps = latchedTier > 0 ? [`${title}: latched on tier ${latchedTier + 1} until a failback`] : []
  const hasEnough = ({ needed }: SeenTier, eligible: readonly Candidate[]) =>
    eligible.length >= needed && eligible.length > 0
  // What the withdrawal budget holds is down: it makes a tier answer only where no other one can do without such.
  const answers =
    order.find((tier) =>
      hasEnough(
        tier,
        tier.eligible.filter(({ reason }) => reason !== 'held'),
      ),
    ) ?? order.find((tier) => hasEnough(tier, tier.eligible))
  for (const one of order) {
    steps.push(`${title} ${describe(one)}: ${one === answers ? 'answers' : 'passed over'}`)
    if (one === answers) break
  }
  const chosen = answers ?? fullestOf(order)
  if (answers === undefined && chosen !== undefined)
    steps.push(
      `${title}: no tier has enough, so the fullest one answers with its ${chosen.eligible.length} eligible`,
    )
  const before = seen.slice(0, chosen?.index ?? seen.length)
  return {
    tier: chosen?.index ?? null,
    isSettled: before.every((tier) => tier.members.every(({ reason }) => reason !== 'unknown')),
    members: distinct(seen.map((tier) => tier.members)),
    eligible: chosen?.eligible ?? [],
    steps,
  }
}

function describe({ index, pool, eligible, members, needed }: SeenTier): string {
  return `tier ${index + 1}, pool ${pool}: ${eligible.length} of ${members.length} eligible, ${needed} needed`
}

/** The first of equals; none where nothing is eligible. */
function fullestOf(tiers: readonly SeenTier[]): SeenTier | undefined {
  return tiers.reduce<SeenTier | undefined>(
    (best, tier) => (tier.eligible.length > (best?.eligible.length ?? 0) ? tier : best),
    undefined,
  )
}

/**
 * How many of `members` must be eligible. A share is rounded up, and is one of those that count: an endpoint that is
 * disabled, or not known yet, tells nothing about the tier, and adding one or switching one off must not fail it over.
 */
function neededOf(minHealthy: MinHealthy, members: readonly Candidate[]): number {
  if (typeof minHealthy === 'number') return minHealthy
  const counted = members.filter(({ reason }) => reason !== 'disabled' && reason !== 'unknown').length
  // Multiplied before divided: 55 / 100 * 20 is a little more than 11 in floating point, and would be rounded up to 12.
  return Math.max(1, Math.ceil((Number(minHealthy.slice(0, -1)) * counted) / 100))
}

/** Pools of one route may share endpoints, through the pools inside them. */
function distinct(lists: readonly (readonly Candidate[])[]): readonly Candidate[] {
  const [only, ...more] = lists
  if (only !== undefined && more.length === 0) return only
  const byKey = new Map<string, Candidate>()
  for (const list of lists) for (const candidate of list) byKey.set(candidate.key, candidate)
  return [...byKey.values()]
}
