/** How most health checkers count: so many failures in a row are down, so many successes in a row are up. For comparison. */
export interface NaiveOpinion {
  readonly isDown: boolean
  readonly failures: number
  readonly successes: number
}

export const NAIVE_START: NaiveOpinion = { isDown: false, failures: 0, successes: 0 }

export function nextNaive(
  opinion: NaiveOpinion,
  isSuccess: boolean,
  { fall, rise }: { readonly fall: number; readonly rise: number },
): NaiveOpinion {
  const failures = isSuccess ? 0 : opinion.failures + 1
  const successes = isSuccess ? opinion.successes + 1 : 0
  const isDown = opinion.isDown ? successes < rise : failures >= fall
  return { isDown, failures, successes }
}
