/**
 * A share of the simulation with fresh seeds, and what shows that the simulation can fail. A failing seed is printed with the
 * command that shows it again.
 */
import { describe, expect, it } from 'vitest'
import { reportOf, isSound } from './report.ts'
import { runScenario, type SeedResult } from './run-scenario.ts'
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

/** Of each invariant: how often it was looked at, and what did not hold, with the command that shows it. */
const looks = new Map<number, number>()
const breaches = new Map<number, string[]>()

function count(name: string, { seed, looks: looked, violations }: SeedResult): void {
  for (const [invariant, times] of Object.entries(looked))
    looks.set(Number(invariant), (looks.get(Number(invariant)) ?? 0) + times)
  for (const { invariant, text } of violations) {
    const command = `npm run sim -- --scenario ${name} --first-seed ${seed} --seeds 1`
    breaches.set(invariant, [...(breaches.get(invariant) ?? []), `${text} (${command})`])
  }
}

describe(`seeds from ${FIRST_SEED} on`, () => {
  for (const one of SCENARIOS.values())
    it(`${one.name}: ${one.about}`, async () => {
      const seeds = Array.from({ length: SEEDS }, (_, index) => FIRST_SEED + index)
      const results = await runSeeds(one, seeds)
      for (const result of results) count(one.name, result)
      const report = reportOf(one, results)
      expect({ report, isSound: isSound(report) }).toMatchObject({ isSound: true })
    })

  it('the same once more with other wall clocks', async () => {
    const options = { seed: FIRST_SEED, checksWallClocks: true }
    count('clock-steps', await runScenario(scenario('clock-steps'), options))
  })
})

function holds(invariant: number): void {
  expect(breaches.get(invariant) ?? []).toEqual([])
  expect(looks.get(invariant)).toBeGreaterThan(0)
}

describe('all of them together', () => {
  it('I1 (incarnation, sequence) never goes back, and nothing is taken twice', () => {
    holds(1)
  })
  it('I2 a verdict changes only with a quorum of live sites that vote so at that moment', () => {
    holds(2)
  })
  it('I3 where nothing but loss happens no verdict changes', () => {
    holds(3)
  })
  it('I4 quorums for down and up never hold together', () => {
    holds(4)
  })
  it('I5 constant votes give every nameserver the same verdict', () => {
    holds(5)
  })
  it('I6 at most K - q wrong sites flip nothing', () => {
    holds(6)
  })
  it('I7 a death is a verdict within the bound', () => {
    holds(7)
  })
  it('I8 no answer is empty', () => {
    holds(8)
  })
  it('I9 transitions are bounded', () => {
    holds(9)
  })
  it('I10 other wall clocks leave the trace unchanged', () => {
    holds(10)
  })
  it('I11 a reader is sent one frame and one whole state in a turn at most', () => {
    holds(11)
  })
  it('I12 no vote before the first result of the incarnation', () => {
    holds(12)
  })
  it('I13 no vote under another definition', () => {
    holds(13)
  })
  it('I14 what a nameserver says is what its own verdicts say, and was seen in an answer', () => {
    holds(14)
  })
  it('I15 nothing is published blind: no answer takes in what has been dead for long', () => {
    holds(15)
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

  it('F17 all networks losing half at once: without looks living endpoints go out, with them hardly any', async () => {
    const seeds = Array.from({ length: 16 }, (_, index) => index + 1)
    const lost = async (without?: 'looks') => {
      const options = { checksWallClocks: false, ...(without && { without }) }
      const runs = []
      for (const seed of seeds) runs.push(await runScenario(scenario('all-lossy-1s'), { seed, ...options }))
      return runs.filter(({ falseDown }) => falseDown > 0).length
    }
    expect(await lost('looks')).toBeGreaterThan(seeds.length / 3)
    expect(await lost()).toBeLessThanOrEqual(1)
  })

  it('F19 checkers that are restarted while their networks are out take nothing out', async () => {
    for (const fall of [1, 2]) {
      const one = scenario(`restart-into-outage-fall-${fall}`)
      const report = reportOf(one, await runSeeds(one, [1, 2, 3]))
      expect(report).toMatchObject({ falseDown: 0, invariantViolations: 0 })
      // Everything was seen to fail.
      expect(report.baselines.majority.falseDown).toBeGreaterThan(0)
    }
  })
})
