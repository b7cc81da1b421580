/** Compares what writers were told with what the store has. Pure. */
import type { Acknowledged, StoredRevision } from './write-load.ts'

export interface JudgedWrites {
  /** The longest time without a change through one control, in ms. */
  readonly writesMs: number
  readonly lost: number
  readonly twice: number
}

export function judgeWrites(
  acknowledged: readonly Acknowledged[],
  revisions: readonly StoredRevision[],
): JudgedWrites {
  const stored = new Map<string, number[]>()
  for (const { number, changes } of revisions)
    for (const { name, after } of changes) {
      const count = countIn(after)
      if (count !== null) stored.set(`${name} ${count}`, [...(stored.get(`${name} ${count}`) ?? []), number])
    }
  return {
    writesMs: Math.round(longestPause(acknowledged)),
    lost: acknowledged.filter(
      ({ zone, count, revision }) => !stored.get(`${zone} ${count}`)?.includes(revision),
    ).length,
    twice: [...stored.values()].filter(({ length }) => length > 1).length,
  }
}

function longestPause(acknowledged: readonly Acknowledged[]): number {
  const lastMs = new Map<string, number>()
  let pauseMs = 0
  for (const { zone, sentMs, tookMs } of acknowledged) {
    const doneMs = sentMs + tookMs
    pauseMs = Math.max(pauseMs, doneMs - (lastMs.get(zone) ?? doneMs))
    lastMs.set(zone, doneMs)
  }
  return pauseMs
}

/** null: no record of a writer's. */
function countIn(after: unknown): number | null {
  const { records } = (after ?? {}) as {
    readonly records?: readonly { readonly values: readonly string[] }[]
  }
  const count = Number(records?.[0]?.values[0])
  return Number.isInteger(count) ? count : null
}
