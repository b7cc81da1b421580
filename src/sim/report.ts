/** What came of many seeds of one scenario. The field names are the interface of `npm run sim -- --json`. */
import { createHash } from 'node:crypto'
import { isWithinBound, scenarioBoundMs, type SeedResult } from './run-scenario.ts'
import type { Scenario } from './scenario.ts'

export interface ScenarioReport {
  readonly name: string
  readonly seeds: number
  /** At most K - q sites are impaired: false DOWNs and UPs must be 0. */
  readonly withinBound: boolean
  /** Summed over nameservers and endpoints. */
  readonly falseDown: number
  readonly falseUp: number
  /** From death to a nameserver's verdict; null where no death is timed. */
  readonly detectP50Ms: number | null
  readonly detectP99Ms: number | null
  /** Invariant 7. */
  readonly detectBoundMs: number
  readonly transitions: number
  /** Summed over endpoints: how long any two nameservers held different verdicts. */
  readonly disagreementMs: number
  readonly invariantViolations: number
  /** Of all that happened, over all seeds. */
  readonly traceHash: string
  /** The same probes judged by simpler systems. */
  readonly baselines: Readonly<Record<'anyOne' | 'majority', { readonly falseDown: number }>>
}

export function reportOf(scenario: Scenario, results: readonly SeedResult[]): ScenarioReport {
  const sum = (of: (result: SeedResult) => number) => results.reduce((total, result) => total + of(result), 0)
  const detections = results.flatMap((result) => result.detections).sort((a, b) => a - b)
  const hash = createHash('sha256')
  for (const { seed, traceHash } of results) hash.update(`${seed} ${traceHash}\n`)
  return {
    name: scenario.name,
    seeds: results.length,
    withinBound: isWithinBound(scenario),
    falseDown: sum((result) => result.falseDown),
    falseUp: sum((result) => result.falseUp),
    detectP50Ms: quantile(detections, 0.5),
    detectP99Ms: quantile(detections, 0.99),
    detectBoundMs: Math.round(scenarioBoundMs(scenario)),
    transitions: sum((result) => result.transitions),
    disagreementMs: Math.round(sum((result) => result.disagreementMs)),
    invariantViolations: sum((result) => result.violations.length),
    traceHash: hash.digest('hex'),
    baselines: {
      anyOne: { falseDown: sum(({ baselines }) => baselines.anyOne) },
      majority: { falseDown: sum(({ baselines }) => baselines.majority) },
    },
  }
}

/** What must be 0, is. */
export function isSound(report: ScenarioReport): boolean {
  const isFalse = report.withinBound && report.falseDown + report.falseUp > 0
  const isLate = (report.detectP99Ms ?? 0) > report.detectBoundMs
  return !isFalse && !isLate && report.invariantViolations === 0
}

/** Nearest rank; of a sorted list. */
function quantile(sorted: readonly number[], share: number): number | null {
  const value = sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)]
  return value === undefined ? null : Math.round(value)
}
