/** One endpoint of an explanation: what it is, what operators and checkers say of it, and whether it is in the answer. */
import type { Configuration } from '../model/configuration.ts'
import type { Verdict } from '../health/verdict.ts'
import type { Explanation } from '../views/explanation.ts'
import type { Candidate } from './eligibility.ts'
import type { ExplainContext } from './explain-context.ts'
import { drainInForce, drainPhase, overrideInForce } from './operations-in-force.ts'

type ExplainedEndpoint = Explanation['endpoints'][number]

/** `values`: all that the asked client can be answered with. */
export function explainEndpoint(
  candidate: Candidate,
  values: ReadonlySet<string>,
  context: ExplainContext,
): ExplainedEndpoint {
  const { key, endpoint, pool, eligible, reason, tenths } = candidate
  const { configuration, view } = context
  const verdict = context.verdict(key)
  return {
    pool,
    endpoint: endpoint.name,
    address: endpoint.address,
    site: endpoint.site,
    weight: endpoint.weight,
    weightShare: tenths / 10,
    eligible,
    reason,
    answered: values.has(endpoint.address),
    override: overrideView(configuration, key, view.wallMs),
    drain: drainView(configuration, key, view.wallMs),
    verdict: verdict === undefined ? null : verdictView(verdict, context.sinceMs(key)),
    probes: context.probes(key).map((probe) => ({ ...probe, phases: { ...probe.phases } })),
  }
}

function overrideView(
  configuration: Configuration,
  key: string,
  wallMs: number,
): ExplainedEndpoint['override'] {
  const override = overrideInForce(configuration, key, wallMs)
  if (override === undefined) return null
  const { state, reason, author, expiresAtMs = null } = override
  return { state, reason, author, expiresAtMs }
}

function drainView(configuration: Configuration, key: string, wallMs: number): ExplainedEndpoint['drain'] {
  const drain = drainInForce(configuration, key, wallMs)
  const phase = drain === undefined ? 'expired' : drainPhase(drain, wallMs)
  if (drain === undefined || phase === 'expired') return null
  const { name, reason, author, startAtMs = null, drainSec, expiresAtMs = null } = drain
  return { name, phase, reason, author, startAtMs, drainSec, expiresAtMs }
}

function verdictView(
  { state, degraded, rule, quorum, votes }: Verdict,
  sinceMs: number | null,
): NonNullable<ExplainedEndpoint['verdict']> {
  return {
    state,
    degraded,
    rule,
    quorum: { ...quorum },
    sinceMs,
    votes: votes.map(({ site, vote, ballots }) => ({
      site,
      vote,
      ballots: ballots.map(({ checker, live, fenced, state: register }) => ({
        checker,
        live,
        fenced,
        ...(register !== undefined && { state: register }),
      })),
    })),
  }
}
