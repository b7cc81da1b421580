import { mkdtempSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { pino } from 'pino'
import { expect, it } from 'vitest'
import type { SavedVerdict } from '../../core/health/verdict-book.ts'
import { systemClock } from '../clock/system-clock.ts'
import { VerdictFile } from './verdict-file.ts'

function verdictFile() {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-verdicts-'))
  const path = join(folder, 'verdicts.json')
  const said: string[] = []
  const file = new VerdictFile({
    path,
    clock: systemClock,
    logger: pino({ level: 'silent' }),
    onDamaged: (message) => said.push(message),
  })
  return { folder, path, said, file }
}

const verdicts: readonly SavedVerdict[] = [
  { endpoint: 'web/one', state: 'up', degraded: false, lastUp: 0 },
  {
    endpoint: 'web/two',
    state: 'down',
    degraded: false,
    lastUp: 7,
    target: '192.0.2.1 80',
    checks: 'c0ffee',
  },
]

it('gives back what was saved, and nothing when there is no file', async () => {
  const { file, path, folder } = verdictFile()
  expect(await file.load()).toEqual([])
  await file.save(verdicts)
  expect(await file.load()).toEqual(verdicts)
  expect(statSync(path).mode & 0o777).toBe(0o600)
  await file.save([])
  expect(await file.load()).toEqual([])
  expect(readdirSync(folder)).toEqual(['verdicts.json'])
})

it('sets aside a file with any one byte changed or cut off, says so, and counts it as none', async () => {
  const { file, path, folder, said } = verdictFile()
  await file.save(verdicts)
  const good = readFileSync(path)
  await fc.assert(
    fc.asyncProperty(
      fc.nat(good.length - 2),
      fc.integer({ min: 1, max: 255 }),
      fc.boolean(),
      async (at, by, cut) => {
        const bad = cut ? good.subarray(0, at) : Buffer.from(good)
        if (!cut) bad[at] = bad[at]! ^ by
        writeFileSync(path, bad)
        said.length = 0
        const loaded = await file.load()
        // White space may differ without a meaning.
        if (said.length === 0) expect(loaded).toEqual(verdicts)
        else expect(loaded).toEqual([])
      },
    ),
    { numRuns: 150 },
  )
  expect(readdirSync(folder).some((name) => name.includes('damaged'))).toBe(true)
})
