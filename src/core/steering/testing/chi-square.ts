/** Are counts in proportion to weights, as far as chance goes? Pearson's chi-square test. */

/** Quantile of the standard normal distribution at 1 - 1e-6: right in all but one of a million runs. */
const Z = 4.753

/** False only where a count is further off than chance explains; the bound is Wilson and Hilferty's (1931). */
export function isInProportion(counts: readonly number[], weights: readonly number[]): boolean {
  const total = counts.reduce((sum, one) => sum + one, 0)
  const weight = weights.reduce((sum, one) => sum + one, 0)
  const chiSquare = counts.reduce((sum, count, index) => {
    const wanted = (total * (weights[index] ?? 0)) / weight
    return sum + (count - wanted) ** 2 / wanted
  }, 0)
  const free = weights.length - 1
  return chiSquare <= free * (1 - 2 / (9 * free) + Z * Math.sqrt(2 / (9 * free))) ** 3
}
