/** From what the observer knows to GET /v1/status: counts of everything, lists up to a limit, and what is wrong, in words. */
import type { CheckerView } from '../core/health/register-ledger.ts'
import { namedCheckers } from '../core/health/topology.ts'
import type { LoadBalancer } from '../core/model/load-balancer.ts'
import { balancersOver } from '../core/model/balancers-over.ts'
import { poolsWithin } from '../core/model/nested-pools.ts'
import { poolsOf } from '../core/model/policy.ts'
import { poolOf, type EndpointKey } from '../core/model/resource.ts'
import { shownAnswer } from '../core/steering/shown-answer.ts'
import { drainInForce, drainPhase, overrideInForce } from '../core/steering/operations-in-force.ts'
import type { Status } from '../core/views/status.ts'
import { certificateAlarms } from './certificate-alarms.ts'
import { endpointState, type EndpointState } from './endpoint-state.ts'
import { latchAlarms } from './latch-alarms.ts'
import { nameserverKey } from './nameserver-key.ts'
import type { Observer } from './observer.ts'
import { PoolCounts } from './pool-counts.ts'
import { REPORT_AGE } from './report-age.ts'
import { sortedKeys } from './resource-view.ts'
import { shownNameservers } from './shown-nameservers.ts'

type EndpointStatus = Status['endpoints'][number]
type BalancerStatus = Status['loadBalancers'][number]

const EVENTS = 50
const UNPUBLISHED_MS = 2_000
const SECONDARY_LATE_MS = 10_000
const LISTED_BALANCERS = 5

export function statusOf(
  observer: Observer,
  about: { readonly version: string; readonly limit: number },
): Status {
  const { configuration, revision } = observer.snapshot
  const { endpoints, counts, poolCounts } = endpointStatuses(observer, about.limit)
  const byWhenDown = observer.balancersByWhenDown()
  const names = sortedKeys(configuration.loadBalancer)
  const checkers = checkerStatuses(observer)
  const rates = new Map(
    observer.traffic
      .view(observer.clock.monotonicMs())
      .nameservers.map(({ nameserver: name, site = '', queriesPerSec, latencyMs }) => [
        nameserverKey({ site, name }),
        { queriesPerSec, latencyMs },
      ]),
  )
  const loadBalancers = names.slice(0, about.limit).flatMap((name) => {
    const balancer = configuration.loadBalancer.get(name)
    return balancer === undefined ? [] : [balancerStatus(observer, balancer, poolCounts)]
  })
  const pools = new Set([
    ...endpoints.map(({ pool }) => pool),
    ...loadBalancers.flatMap((one) => one.pools ?? []),
  ])
  const alarms = alarmsOf(observer, { checkers, byWhenDown })
  return {
    version: about.version,
    revision,
    healthy: alarms.length === 0,
    counts: { endpoints: counts, loadBalancers: { total: names.length, byWhenDown: byWhenDown.length } },
    endpoints,
    loadBalancers,
    pools: [...pools].sort().map((name) => ({
      name,
      counts: poolCounts.of([name]),
      loadBalancers: balancersOver(configuration, name).length,
    })),
    checkers,
    nameservers: Array.from(observer.nameservers, ([key, { report }]) => ({
      ...{ name: report.name, site: report.site, revision: report.revision, ready: report.ready },
      ...{ dnsServer: { ...report.dnsServer }, unpublishedForMs: report.unpublishedForMs },
      ...(report.front && { front: { ...report.front } }),
      ...(report.secondaries && { secondaries: report.secondaries.map((one) => ({ ...one })) }),
      ...rates.get(key),
    })),
    events: observer.log
      .latest(EVENTS)
      .map((event) => (event.kind === 'publication' ? { ...event, owners: [...event.owners] } : event)),
    alarms,
  }
}

/** Without those that were taken out of the configuration and are heard no more: nobody waits for them. */
export function checkerStatuses(observer: Observer): Status['checkers'] {
  const { book } = observer.reader
  const nowMs = observer.clock.monotonicMs()
  const named = namedCheckers(observer.snapshot.configuration)
  const isExpected = (view: CheckerView) =>
    named.size === 0 || named.has(view.checker) || nowMs - view.heardAtMs <= book.times.leaseMs
  const views = Array.from(book.ledger.checkers()).filter(isExpected)
  return views
    .map((view) => ({
      checker: view.checker,
      site: view.site,
      live: book.isLive(view, nowMs),
      fenced: view.fenced,
      loss: view.loss,
      revision: view.revision,
      ageMs: Math.max(0, nowMs - view.heardAtMs),
    }))
    .sort((a, b) => (a.checker < b.checker ? -1 : 1))
}

/** How many endpoints are in each state. */
export function countEndpoints(observer: Observer): Record<EndpointState, number> {
  const counts = { up: 0, down: 0, unknown: 0, disabled: 0, unmonitored: 0 }
  for (const key of observer.snapshot.configuration.endpoint.keys()) counts[endpointState(observer, key)] += 1
  return counts
}

const ORDER: Readonly<Record<EndpointState, number>> = {
  down: 0,
  unknown: 1,
  disabled: 2,
  unmonitored: 3,
  up: 4,
}

function endpointStatuses(
  observer: Observer,
  limit: number,
): { endpoints: EndpointStatus[]; counts: Status['counts']['endpoints']; poolCounts: PoolCounts } {
  const keys = sortedKeys(observer.snapshot.configuration.endpoint)
  const poolCounts = new PoolCounts(observer)
  const byState = Object.groupBy(keys, (key) => {
    const state = endpointState(observer, key)
    poolCounts.add(key, state)
    return state
  })
  const count = (state: EndpointState) => byState[state]?.length ?? 0
  const states = (Object.keys(ORDER) as EndpointState[]).sort((a, b) => ORDER[a] - ORDER[b])
  const first = states
    .flatMap((state) => (byState[state] ?? []).map((key) => ({ key, state })))
    .slice(0, limit)
  return {
    endpoints: first.flatMap(({ key, state }) => endpointStatus(observer, key, state)),
    counts: {
      total: keys.length,
      up: count('up'),
      down: count('down'),
      unknown: count('unknown'),
      other: count('disabled') + count('unmonitored'),
    },
    poolCounts,
  }
}

function endpointStatus(observer: Observer, key: EndpointKey, state: EndpointState): EndpointStatus[] {
  const endpoint = observer.snapshot.configuration.endpoint.get(key)
  if (endpoint === undefined) return []
  const verdict = observer.standing(key)
  return [
    {
      pool: poolOf(key),
      endpoint: endpoint.name,
      address: endpoint.address,
      port: endpoint.port,
      site: endpoint.site,
      state,
      degraded: verdict?.degraded ?? false,
      beside: besideOf(observer, key),
      sinceMs: observer.sinceMs(key),
      rule: verdict?.rule ?? state,
      detail: detailOf(observer, key),
    },
  ]
}

/** What operators and the withdrawal budget say of it; held: by any load balancer. */
function besideOf(observer: Observer, key: EndpointKey): EndpointStatus['beside'] {
  const { configuration } = observer.snapshot
  const { view } = observer
  const override = overrideInForce(configuration, key, view.wallMs)
  const drain = drainInForce(configuration, key, view.wallMs)
  const phase = drain === undefined ? 'planned' : drainPhase(drain, view.wallMs)
  const isHeld = balancersOver(configuration, poolOf(key)).some((name) => view.isHeld(name, key))
  return [
    ...(override === undefined ? [] : [override.state]),
    ...(phase === 'draining' || phase === 'drained' ? [phase] : []),
    ...(isHeld ? (['held'] as const) : []),
  ]
}

/** The last probe in one line: a failure before a success, the latest first. */
function detailOf(observer: Observer, key: EndpointKey): string {
  const [first] = observer
    .probes(key)
    .toSorted((a, b) => Number(a.outcome === 'success') - Number(b.outcome === 'success') || b.atMs - a.atMs)
  return first?.detail ?? ''
}

function balancerStatus(observer: Observer, balancer: LoadBalancer, poolCounts: PoolCounts): BalancerStatus {
  const decisions = observer.plan.decisions(balancer, observer.view)
  const answers = decisions.flatMap(({ type, record, rule }): BalancerStatus['answers'] => {
    if (record === null || rule === 'no-endpoints') return []
    const shown = shownAnswer(record)
    const published = observer.publishedAnswer(balancer.name, type)
    const isPublished = published !== null && sameSet(published.values, shown.values)
    const readBackAtMs = isPublished ? published.readBackAtMs : null
    return [{ type, ...shown, ttlSec: record.ttlSec, rule, readBackAtMs }]
  })
  const { name, zone, policy } = balancer
  const latched = observer.snapshot.configuration.latch.get(name)?.tiers ?? []
  const { pool } = observer.snapshot.configuration
  const pools = [...new Set(poolsOf(policy).flatMap((one) => poolsWithin(pool, one)))]
  const counts = poolCounts.of(pools)
  return { name, zone, policy: policy.kind, pools, counts, answers, latched: [...latched] }
}

function sameSet(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.toSorted().join() === b.toSorted().join()
}

function alarmsOf(
  observer: Observer,
  seen: { readonly checkers: Status['checkers']; readonly byWhenDown: readonly string[] },
): string[] {
  const { configuration, revision } = observer.snapshot
  const alarms: string[] = []
  const monitored = observer.reader.book.size
  if (monitored > 0 && !seen.checkers.some((checker) => checker.live))
    alarms.push('no checker is heard: no verdict changes until one is')
  for (const { checker, fenced, live, ageMs } of seen.checkers) {
    if (fenced) alarms.push(`checker ${checker} has fenced itself off: ${fenceReasonOf(observer, checker)}`)
    else if (!live) alarms.push(`checker ${checker} has not been heard for ${Math.round(ageMs / 1_000)} s`)
  }
  if (configuration.zone.size > 0 && observer.nameservers.size === 0)
    alarms.push('no nameserver has reported yet')
  const shown = shownNameservers(observer.nameservers)
  for (const [key, { report, heardAtMs }] of observer.nameservers) {
    const name = shown.get(key) ?? key
    const silentMs = observer.clock.monotonicMs() - heardAtMs
    const { state, detail } = report.dnsServer
    if (silentMs > REPORT_AGE.silentMs)
      alarms.push(`nameserver ${name} has not reported for ${Math.round(silentMs / 1_000)} s`)
    else if (state === 'down') alarms.push(`the DNS server of nameserver ${name} is down: ${detail}`)
    else if ((report.unpublishedForMs ?? 0) > UNPUBLISHED_MS)
      alarms.push(`nameserver ${name} does not answer what revision ${revision} says`)
    if (report.front?.state === 'down')
      alarms.push(`the dnsdist of nameserver ${name} is down: ${report.front.detail}`)
    for (const { zone, secondary, behindForMs, detail } of report.secondaries ?? [])
      if ((behindForMs ?? 0) > SECONDARY_LATE_MS)
        alarms.push(
          `the secondary ${secondary} does not follow the zone ${zone} (nameserver ${name}): ${detail}`,
        )
    if (revision === 0 && (report.heldZones ?? 0) > 0)
      alarms.push(
        `the store is empty, but nameserver ${name} holds ${report.heldZones ?? 0} zones of an earlier run: they are answered ` +
          'as they are until something is applied; restore the store, or apply your files',
      )
  }
  if (observer.agreement.isBroken) alarms.push(observer.agreement.text)
  const wallMs = observer.clock.wallMs()
  alarms.push(...certificateAlarms(observer.certificates, { configuration, wallMs }))
  alarms.push(...latchAlarms(observer.loneLatches, shown))
  alarms.push(...budgetAlarms(observer, shown))
  alarms.push(...observer.reader.book.alarms().map(({ message }) => message))
  if (seen.byWhenDown.length > 0) {
    const listed = seen.byWhenDown.slice(0, LISTED_BALANCERS).join(', ')
    const more = seen.byWhenDown.length - LISTED_BALANCERS
    alarms.push(`nothing is healthy behind ${listed}${more > 0 ? ` and ${more} more` : ''}`)
  }
  return alarms
}

function fenceReasonOf({ reader }: Observer, checker: string): string {
  return reader.book.ledger.checker(checker)?.fenceReason ?? 'its own network is bad'
}

/** Endpoints that are down and stay answered, because the withdrawal budget is spent. */
function budgetAlarms({ steering, nameservers }: Observer, shown: ReadonlyMap<string, string>): string[] {
  const names = new Set<string>()
  let count = 0
  for (const { loadBalancer } of steering.state.budget.holds()) {
    names.add(loadBalancer)
    count += 1
  }
  const listed = [...names].sort().slice(0, LISTED_BALANCERS).join(', ')
  const more = names.size - LISTED_BALANCERS
  const lift = "look at the checks, or let them go with 'fairlead budget release'"
  if (count > 0)
    return [
      `the withdrawal budget is spent: ${count} endpoints that are down stay answered (${listed}${more > 0 ? ` and ${more} more` : ''}); ${lift}`,
    ]
  // A control that began later than the nameservers may not know why they hold.
  return [...nameservers].flatMap(
    ([
      key,
      {
        report: { heldEndpoints = 0 },
      },
    ]) =>
      heldEndpoints === 0
        ? []
        : [
            `nameserver ${shown.get(key) ?? key} answers with ${heldEndpoints} endpoints that are down: ${lift}`,
          ],
  )
}
