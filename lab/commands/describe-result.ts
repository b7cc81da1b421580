/** The result of a fault as a few lines of text. */
import type { FaultResult } from '../matrix/run-fault.ts'

export function describeResult({ name, passed, measured, missed, tookMs }: FaultResult): string {
  const { outP50Ms, outMaxMs, recoverMs, answers, asked, falseWithdrawals } = measured
  const counts = Object.entries(answers)
    .filter(([, count]) => count > 0)
    .map(([judgement, count]) => `${judgement} ${count}`)
  const out = outP50Ms === null ? 'no death' : `out after ${outP50Ms} ms (median), ${outMaxMs} ms (most)`
  const caughtUp = measured.catchUpMs === null ? '' : `, caught up after ${measured.catchUpMs} ms`
  const lines = [
    `${passed ? 'passed' : 'MISSED'}  ${name}: ${out}${caughtUp}, recovered after ${recoverMs} ms; ${Math.round(tookMs / 1_000)} s`,
    `        ${asked} questions: ${counts.join(', ')}; ${falseWithdrawals} false withdrawals`,
    ...(measured.writesMs === undefined ? [] : [`        changes: none for ${measured.writesMs} ms (most)`]),
    ...(measured.silentMs === null ? [] : [`        silence: ${measured.silentMs} ms (most)`]),
    ...missed.map((what) => `        missed: ${what}`),
  ]
  return `${lines.join('\n')}\n`
}
