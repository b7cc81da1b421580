/**
 * How often each choice is in an answer, where each query draws some of several by weight: what people are told, never what is
 * answered by.
 */
import type { WeightedChoice } from './selector.ts'

/** Points of the integral: enough for four digits, as tests against counted draws show. */
const POINTS = 256
/** More work than this for one answer is not worth its last digits. */
const MAX_STEPS = 20_000_000

/**
 * The probability of each choice, in their order, to be among `answers` different ones that are drawn one after the other, each
 * in proportion to the weights of what is left. They add up to `answers`.
 */
export function sharesOf(choices: readonly Pick<WeightedChoice, 'weight'>[], answers: number): number[] {
  const weights = choices.map(({ weight }) => weight)
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  if (answers >= weights.length) return weights.map(() => 1)
  if (answers === 1) return weights.map((weight) => weight / total)
  const distinct = [...new Set(weights)]
  if (distinct.length === 1) return weights.map(() => answers / weights.length)
  const isLarge = distinct.length * POINTS * weights.length * answers > MAX_STEPS
  const shares = new Map(
    distinct.map((weight) => [weight, isLarge ? null : drawnAmong(weight, weights, answers)]),
  )
  const fallback = isLarge ? approximately(weights, answers) : []
  return weights.map((weight, index) => shares.get(weight) ?? fallback[index] ?? 0)
}

/**
 * Drawing in turn is a race of exponential clocks with the weights as rates: one is among the first `answers` if fewer than
 * that many others have rung by its time. Integrated over its own distribution function, which makes the integrand smooth.
 */
function drawnAmong(weight: number, weights: readonly number[], answers: number): number {
  const own = weights.indexOf(weight)
  const others = weights.filter((_, index) => index !== own)
  let sum = 0
  for (let point = 0; point < POINTS; point += 1) {
    const survival = (point + 0.5) / POINTS
    sum += fewerThan(
      answers,
      others.map((other) => 1 - survival ** (other / weight)),
    )
  }
  return sum / POINTS
}

/** The probability that fewer than `limit` of independent events happen. */
function fewerThan(limit: number, probabilities: readonly number[]): number {
  const counts = new Float64Array(limit)
  counts[0] = 1
  for (const probability of probabilities)
    for (let count = limit - 1; count >= 0; count -= 1)
      counts[count] =
        (counts[count] ?? 0) * (1 - probability) + (count > 0 ? (counts[count - 1] ?? 0) * probability : 0)
  return counts.reduce((sum, count) => sum + count, 0)
}

/** Of very many: the time at which as many clocks have rung as are drawn, by halving. */
function approximately(weights: readonly number[], answers: number): number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const rung = (time: number) => weights.map((weight) => 1 - Math.exp((-weight / total) * time))
  let [low, high] = [0, 1]
  const count = (time: number) => rung(time).reduce((sum, one) => sum + one, 0)
  while (count(high) < answers) high *= 2
  for (let step = 0; step < 60; step += 1) {
    const middle = (low + high) / 2
    if (count(middle) < answers) low = middle
    else high = middle
  }
  return rung(high)
}
