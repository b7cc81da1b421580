/**
 * What a fault is. One file in lab/faults each, exporting one: `npm run lab -- run --all` finds it there. What is expected of it is
 * written in it before it is run, and judged by run-fault.ts alone.
 */
import type { Pace } from '../world/lab-document.ts'
import type { World } from '../world/world.ts'

/** The most that may be; Infinity, null in JSON, where it does not matter. */
export interface Bound {
  /** From the death of an endpoint to the first right answer after the last wrong one, at every nameserver that can know, in ms. */
  readonly outMs: number
  /** From the end of a silence or a hold to the first right answer without who is dead, where a nameserver was in one, in ms. */
  readonly catchUpMs: number
  /** From the end of each death, and of the fault, until every nameserver that can know answers with all that live, in ms. */
  readonly recoverMs: number
  /** Answers. */
  readonly stale: number
  readonly wrong: number
  readonly empty: number
  readonly servfail: number
  /** Of the questions to nameservers that were there, the share that had no answer. */
  readonly timedOutShare: number
  /** Endpoints that lived and were taken out of the answers of a nameserver. */
  readonly falseWithdrawals: number
  /** Where a PowerDNS is to be silent: from the first to the last question to it without an answer, in ms. */
  readonly silentMs?: number
  /** Where changes are made meanwhile: the longest time without one through a control, in ms. */
  readonly writesMs?: number
}

export interface Fault {
  readonly name: string
  /** What is done, and why what is expected is. */
  readonly design: string
  readonly bound: (pace: Pace) => Bound
  /** False where nameservers may be settling when it begins: what it does makes them settle anyway. */
  readonly needsRest?: false
  /** It ends a PowerDNS, or has one started: in any other one, another process than before is a crash. */
  readonly endsPowerdns?: true
  /** Begins it, lets endpoints die meanwhile, ends it. */
  run(world: World): Promise<void>
}

/** A nameserver that starts, or hears a quorum again, may have to settle where not all sites agree: it may be hearing the end of a cut. */
const SETTLE_MS = 10_000

/**
 * Of everything that the design bears (docs/health.md): one site wrong at a time, of three. The times are those of an endpoint that
 * flapped a little: its `rise` is doubled for each time that it was down in the last minutes.
 */
export function withinDesign(pace: Pace): Bound {
  const outMs = pace === '5s' ? 7_500 : 3_000
  return {
    ...{ outMs, catchUpMs: outMs + SETTLE_MS, recoverMs: pace === '5s' ? 30_000 : 15_000 },
    ...{ stale: 0, wrong: 0, empty: 0, servfail: 0, falseWithdrawals: 0 },
    // A client's packet may be lost on a machine that is full; more than that is a nameserver that does not answer.
    timedOutShare: 0.005,
  }
}

/** Its bound is that, but for one of a silence, which others do not have. */
export function isWithinDesign({ bound }: Fault, pace: Pace): boolean {
  const figures = (of: Bound) =>
    JSON.stringify(
      Object.entries(of)
        .filter(([name]) => name !== 'silentMs')
        .sort(),
    )
  return figures(bound(pace)) === figures(withinDesign(pace))
}
