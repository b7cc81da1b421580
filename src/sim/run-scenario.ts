/**
 * One scenario with one seed: what came of it, and every invariant that did not hold.
 * What must stay true: the same scenario and seed give the same result, hash included, on every machine.
 */
import { majorityQuorum } from '../core/health/verdict.ts'
import type { BaselineName } from './baselines.ts'
import { detectBoundMs } from './detect-bound.ts'
import type { Violation } from './invariants.ts'
import type { Scenario } from './scenario.ts'
import { monitorOf, VOTERS } from './shape.ts'
import type { Ablation } from './stage.ts'
import { World, type WorldOptions } from './world.ts'

export interface SeedResult {
  readonly seed: number
  readonly falseDown: number
  readonly falseUp: number
  /** From death to the verdict of each nameserver, ms. */
  readonly detections: readonly number[]
  readonly transitions: number
  readonly disagreementMs: number
  readonly violations: readonly Violation[]
  /** How often each invariant was looked at, by its number. */
  readonly looks: Readonly<Record<number, number>>
  readonly traceHash: string
  readonly baselines: Readonly<Record<BaselineName, number>>
}

/** At most K - q sites are impaired. */
export function isWithinBound({ shape, impairedSites }: Scenario): boolean {
  const voters = Math.min(VOTERS, shape.sites)
  return impairedSites <= voters - majorityQuorum(voters).down
}

/** The largest that any death of the scenario is allowed. */
export function scenarioBoundMs({ shape, impairedSites }: Scenario): number {
  const voters = Math.min(VOTERS, shape.sites)
  const healthy = Math.max(majorityQuorum(voters).down, voters - impairedSites)
  return detectBoundMs(monitorOf(shape), { voters, healthy, settles: false })
}

export interface SeedOptions {
  readonly seed: number
  /** Run it a second time with other wall clocks, and compare (invariant 10). */
  readonly checksWallClocks: boolean
  readonly without?: Ablation
}

const WALL_SHIFT_MS = 123_456_789

export async function runScenario(
  scenario: Scenario,
  { seed, checksWallClocks, without }: SeedOptions,
): Promise<SeedResult> {
  const result = await runOnce(scenario, { seed, wallShiftMs: 0, without })
  if (!checksWallClocks) return result
  const shifted = await runOnce(scenario, { seed, wallShiftMs: WALL_SHIFT_MS, without })
  const looks = { ...result.looks, 10: 1 }
  if (shifted.traceHash === result.traceHash) return { ...result, looks }
  const violation = { invariant: 10, atMs: 0, text: 'other wall clocks gave another trace' }
  return { ...result, looks, violations: [...result.violations, violation] }
}

async function runOnce(
  scenario: Scenario,
  options: Pick<WorldOptions, 'seed' | 'wallShiftMs' | 'without'>,
): Promise<SeedResult> {
  const { shape, onlyLossFromMs, durationMs } = scenario
  const world = new World({ ...options, shape, onlyLossFromMs })
  scenario.plan(world)
  await world.run(durationMs)
  const { observer, invariants, baselines } = world
  const traceHash = observer.finish()
  if (isWithinBound(scenario)) {
    const { falseDown, falseUp } = observer
    invariants.must(6, falseDown + falseUp === 0, () => `${falseDown} false DOWNs, ${falseUp} false UPs`)
  }
  const { falseDown, falseUp, detections, transitions, disagreementMs } = observer
  return {
    ...{ seed: options.seed, falseDown, falseUp, detections, transitions, disagreementMs, traceHash },
    violations: invariants.violations,
    looks: Object.fromEntries(invariants.looks),
    baselines: { ...baselines.falseDown },
  }
}
