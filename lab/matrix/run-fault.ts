/**
 * Runs one fault in a world that is well, waits until it is well again, and judges what was measured by the bound of the fault. What
 * must stay true: it gives a result whatever happens; what was answered while it waited for a calm begin is judged too, so that between
 * two faults nothing is missed; what a fault that failed has left broken is mended for the next one.
 */
import { monotonicMs } from '../monotonic-ms.ts'
import { powerdnsOf, servicesOf } from '../world/lab-site.ts'
import { mend } from '../world/mend.ts'
import type { World } from '../world/world.ts'
import type { Bound, Fault } from './fault.ts'
import { measure, type Measured } from './measure.ts'
import { timeline, type Timeline } from './timeline.ts'

export interface FaultResult {
  readonly name: string
  readonly passed: boolean
  readonly bound: Bound
  readonly measured: Measured
  /** What was missed, and by how much. */
  readonly missed: readonly string[]
  readonly timeline: Timeline
  readonly tookMs: number
}

export async function runFault(fault: Fault, world: World): Promise<FaultResult> {
  const bound = fault.bound(world.pace)
  const startedMs = monotonicMs()
  world.forget(startedMs)
  const failure = await faultsOf(() => world.calm(fault.needsRest ?? true))
  const fromMs = monotonicMs()
  const powerdns = world.sites.map(powerdnsOf)
  // A lab that is not well would be judged for what was before.
  if (failure.length === 0) failure.push(...(await faultsOf(() => fault.run(world))))
  if (failure.length > 0) failure.push(...(await faultsOf(() => mend(world))))
  const endMs = monotonicMs()
  failure.push(...(await faultsOf(() => world.settle(2 * bound.recoverMs))))
  const seen = {
    ...{ observations: world.load.since(startedMs), spans: world.truth.spans, endpoints: world.judged },
    ...{ endMs, outMs: bound.outMs, recoverMs: bound.recoverMs, catchUpMs: bound.catchUpMs },
  }
  const measured = { ...measure(seen), ...(world.writesMs !== null && { writesMs: world.writesMs }) }
  const { neverOut } = measured
  const missed = [
    ...failure,
    ...misses(bound, measured),
    ...(neverOut > 0 ? [`${neverOut} times a dead endpoint was answered until it lived again`] : []),
    ...world.sites
      .flatMap(servicesOf)
      .filter(({ isRunning }) => !isRunning)
      .map(({ name }) => `${name} has ended`),
    ...(fault.endsPowerdns === true ? [] : replaced(world, powerdns)),
  ]
  const tookMs = Math.round(monotonicMs() - startedMs)
  return {
    ...{ name: fault.name, passed: missed.length === 0, bound, measured, missed },
    ...{ timeline: timeline({ ...seen, observations: world.load.since(fromMs), fromMs }), tookMs },
  }
}

/** A PowerDNS that crashes is there again within a second: who asks then may notice nothing. */
function replaced({ sites }: World, before: readonly (readonly number[])[]): string[] {
  return sites.flatMap((site, index) => {
    const now = powerdnsOf(site)
    const isSame = before[index]?.length === now.length && now.every((pid) => before[index]?.includes(pid))
    return isSame ? [] : [`the PowerDNS of ${site.name} is another process than before`]
  })
}

/** What it rejects with, in words. */
async function faultsOf(run: () => Promise<unknown>): Promise<string[]> {
  try {
    await run()
    return []
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)]
  }
}

function misses(bound: Bound, measured: Measured): string[] {
  const figures: Required<Bound> = {
    outMs: measured.outMaxMs ?? 0,
    catchUpMs: measured.catchUpMs ?? 0,
    recoverMs: measured.recoverMs,
    stale: measured.answers.stale,
    wrong: measured.answers.wrong,
    empty: measured.answers.empty,
    servfail: measured.answers.servfail,
    timedOutShare: measured.timedOutShare,
    falseWithdrawals: measured.falseWithdrawals,
    silentMs: measured.silentMs ?? 0,
    writesMs: measured.writesMs ?? 0,
  }
  return (Object.keys(figures) as (keyof Bound)[])
    .filter((key) => figures[key] > (bound[key] ?? Infinity))
    .map((key) => `${key} ${figures[key]}, at most ${String(bound[key])}`)
}
