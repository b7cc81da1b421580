/** A bounded share of the differential test, another one each time; `npm run prove` does more. */
import { randomInt } from 'node:crypto'
import { expect, it } from 'vitest'
import { isInProportion } from '../../src/core/steering/testing/chi-square.ts'
import { runDifferential } from './differential.ts'
import { frontChoice } from './powerdns-rig.ts'

const SHOWN = 10

it('PowerDNS answers what the pure functions say, whatever the configuration, the health and the client', async () => {
  const seed = randomInt(2 ** 30)
  const { cases, questions, differences, draws } = await runDifferential({ seed, rounds: 3 })
  expect(differences.slice(0, SHOWN), `npm run prove -- --seed ${seed} --rounds 3`).toEqual([])
  expect(cases).toBeGreaterThan(200)
  expect(questions).toBeGreaterThan(3_000)
  expect(draws.length).toBeGreaterThan(0)
  for (const { name, counts, weights } of draws)
    expect(isInProportion(counts, weights), `${name}: ${counts.join(' ')} for ${weights.join(' ')}`).toBe(
      true,
    )
})

it('so does dnsdist before it, which answers what it can by itself', async () => {
  const seed = randomInt(2 ** 30)
  const { cases, differences, draws } = await runDifferential({ seed, rounds: 2, front: await frontChoice() })
  expect(differences.slice(0, SHOWN), `seed ${seed}`).toEqual([])
  expect(cases).toBeGreaterThan(100)
  for (const { name, counts, weights } of draws)
    expect(isInProportion(counts, weights), `${name}: ${counts.join(' ')} for ${weights.join(' ')}`).toBe(
      true,
    )
})
