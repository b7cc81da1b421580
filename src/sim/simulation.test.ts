/**
 * A share of the simulation with fresh seeds, and what shows that the simulation can fail. A failing seed is printed with the
 * command that shows it again.
 */
import { describe, expect, it } from 'vitest'
import { reportOf, isSound } from './report.ts'
import { runScenario } from './run-scenario.ts'
import type { Scenario } from './scenario.ts'
import { SCENARIOS } from './scenarios.ts'

/** Other ones in each run of the tests. */
const FIRST_SEED = Math.floor(Date.now() / 1_000)
const SEEDS = 4

function scenario(name: string): Scenario {
  const found = SCENARIOS.get(name)
  if (found === undefined) throw new Error(`no scenario '${name}'`)
  return found
}

async function runSeeds(of: Scenario, seeds: readonly number[]) {
  const results = []
  for (const seed of seeds) results.push(await runScenario(of, { seed, checksWallClocks: false }))
  return results
}

describe(`seeds from ${FIRST_SEED} on`, () => {
  const looks = new Set<number>()

  for (const one of SCENARIOS.values())
    it(`${one.name}: ${one.about}`, async () => {
      const results = await runSeeds(
        one,
        Array.from({ length: SEEDS }, (_, index) => FIRST_SEED + index),
      )
      const faults = results.flatMap(({ seed, violations }) =>
        violations.map(
          ({ invariant, text }) =>
            `invariant ${invariant}: ${text} (npm run sim -- --scenario ${one.name} --first-seed ${seed} --seeds 1)`,
        ),
      )
      expect(faults).toEqual([])
      const report = reportOf(one, results)
      expect({ report, isSound: isSound(report) }).toMatchObject({ isSound: true })
      for (const result of results)
        for (const [invariant, times] of Object.entries(result.looks))
          if (times > 0) looks.add(Number(invariant))
    })

  it('the wall clocks of the hosts make no difference', async () => {
    const { violations, looks: looked } = await runScenario(scenario('clock-steps'), {
      ...{ seed: FIRST_SEED, checksWallClocks: true },
    })
    expect([violations, looked[10]]).toEqual([[], 1])
    looks.add(10)
  })

  it('looked at each of the thirteen invariants', () => {
    expect([...looks].sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13])
  })
})

describe('the simulation', () => {
  it('gives the same trace for the same seed, and another for another', async () => {
    const [first, second, again] = await runSeeds(scenario('chaos'), [7, 8, 7])
    expect(again).toEqual(first)
    expect(second?.traceHash).not.toBe(first?.traceHash)
  })

  it('is hard: any one checker, and a majority without a fence, take living endpoints out', async () => {
    const falseDown = async (name: string) => {
      const { baselines } = reportOf(scenario(name), await runSeeds(scenario(name), [1, 2]))
      return [baselines.anyOne.falseDown > 0, baselines.majority.falseDown > 0]
    }
    expect(await falseDown('sick-checker')).toEqual([true, false])
    expect(await falseDown('provider-of-three')).toEqual([true, true])
    expect(await falseDown('definition-typo')).toEqual([true, true])
  })

  it('finds out when the fence is taken away', async () => {
    for (const name of ['three-lossy', 'provider-of-three']) {
      const options = { seed: 1, checksWallClocks: false, without: 'fence' } as const
      const { falseDown, violations } = await runScenario(scenario(name), options)
      expect(falseDown).toBeGreaterThan(0)
      expect(violations.map(({ invariant }) => invariant)).toContain(3)
    }
  })
})
