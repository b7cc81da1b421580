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

it('what was added stands in the place of what was saved, until the next whole', async () => {
  const { file } = verdictFile()
  const many = Array.from({ length: 1_700 }, (_, index): SavedVerdict => ({
    ...{ endpoint: `web/e${index}`, state: 'up', degraded: index % 2 === 0, lastUp: index },
  }))
  await file.save(many)
  expect(await file.load()).toEqual(many)
  const changed: SavedVerdict = { ...many[700]!, state: 'down' }
  await file.append([changed, ...verdicts])
  await file.append([])
  expect(await file.load()).toEqual([...many.with(700, changed), ...verdicts])
  await file.save(verdicts)
  expect(await file.load()).toEqual(verdicts)
})

it('a last change that was cut off counts as not written; cut before it, the file is set aside', async () => {
  const { file, path, said } = verdictFile()
  const down: SavedVerdict = { endpoint: 'web/one', state: 'down', degraded: false, lastUp: 8 }
  const loadedAfter = async (bytes: Buffer) => {
    writeFileSync(path, bytes)
    said.length = 0
    return { loaded: await file.load(), said: said.length }
  }
  await file.save(verdicts)
  const whole = readFileSync(path)
  await file.append([down])
  const good = readFileSync(path)
  for (let at = whole.length; at < good.length; at += 1) {
    expect(await loadedAfter(good.subarray(0, at))).toEqual({ loaded: verdicts, said: 0 })
    // What a loss of power leaves where the length was on disk before the bytes were.
    const zeros = Buffer.concat([good.subarray(0, at), Buffer.alloc(good.length - at)])
    expect(await loadedAfter(zeros)).toEqual({ loaded: verdicts, said: 0 })
  }
  expect(await loadedAfter(good)).toEqual({ loaded: [down, verdicts[1]], said: 0 })
  for (let at = 0; at < whole.length; at += 1)
    expect(await loadedAfter(good.subarray(0, at))).toEqual({ loaded: [], said: 1 })
})

it('an addition that fails says so, and nothing is added to a file that is not there', async () => {
  const { file, path } = verdictFile()
  await expect(file.append(verdicts)).rejects.toThrow(path)
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
