/**
 * 100,000 endpoints that five sites with three checkers each vote on: what their verdicts cost, and what a whole nameserver
 * that holds them weighs and hears.
 */
import type { Bench } from './bench.ts'
import { round } from './round.ts'
import { measureAgent } from './verdict-agent.ts'
import { measureBook } from './verdict-book.ts'

export const verdict: Bench = {
  name: 'verdict',
  summary:
    '100,000 endpoints at five sites: verdicts made anew, one change, memory and traffic of a nameserver',
  aims: [
    { metric: 'fullRecomputeMs', op: '<=', bound: 50 },
    { metric: 'oneChangeUs', op: '<=', bound: 5 },
    { metric: 'rssMb', op: '<=', bound: 400 },
    { metric: 'kbitPerSec', op: '<=', bound: 100 },
  ],
  run: async (progress) => {
    const book = measureBook()
    progress(
      `a full recompute takes ${round(book.fullRecomputeMs, 1)} ms, one change ${round(book.oneChangeUs, 2)} us`,
    )
    const costs = { ...book, ...(await measureAgent(progress)) }
    return Object.fromEntries(Object.entries(costs).map(([metric, value]) => [metric, round(value, 2)]))
  },
}
