/** The command, as a person or a script uses it. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import type { ScenarioReport } from './report.ts'

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url))

function sim(...args: readonly string[]): Promise<{ code: unknown; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [MAIN, ...args], (error, stdout, stderr) => {
      resolve({ code: error?.code ?? 0, stdout, stderr })
    })
  })
}

it('says in JSON what came of each scenario, the same for the same seeds', async () => {
  const args = [
    '--seeds',
    '2',
    '--first-seed',
    '5',
    '--scenario',
    'refused',
    '--scenario',
    'one-site',
    '--json',
  ]
  const [first, second] = [await sim(...args), await sim(...args)]
  expect(second).toEqual(first)
  expect(first).toMatchObject({ code: 0, stderr: '' })
  const { scenarios } = JSON.parse(first.stdout) as { scenarios: ScenarioReport[] }
  expect(scenarios.map(({ name }) => name)).toEqual(['refused', 'one-site'])
  const { traceHash, detectP50Ms, detectP99Ms, ...rest } = scenarios[0]!
  expect(traceHash).toMatch(/^[0-9a-f]{64}$/)
  expect(detectP99Ms).toBeGreaterThan(detectP50Ms!)
  expect(rest).toMatchObject({
    ...{
      seeds: 2,
      withinBound: true,
      falseDown: 0,
      falseUp: 0,
      detectBoundMs: 4_650,
      invariantViolations: 0,
    },
    baselines: { anyOne: { falseDown: 0 }, majority: { falseDown: 0 } },
  })
})

it('prints a table for people', async () => {
  const { code, stdout } = await sim('--seeds', '1', '--scenario', 'refused')
  expect(code).toBe(0)
  expect(stdout).toMatch(/^SCENARIO +BOUND +FALSE DOWN/)
  expect(stdout).toMatch(/\nrefused +within +0 +0 /)
})

it('refuses what it does not know, with the mend, and exit code 2', async () => {
  const unknown = await sim('--scenario', 'nothing')
  expect(unknown.code).toBe(2)
  expect(unknown.stderr).toContain('there is none of that name; there are black-hole-death')
  const none = await sim('--seeds', '0')
  expect(none.code).toBe(2)
  expect(none.stderr).toContain('a whole number of at least 1 is expected')
})
