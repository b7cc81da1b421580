import { mkdtempSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { pino } from 'pino'
import { expect, it } from 'vitest'
import type { SavedSteering } from '../../core/steering/state/saved-steering.ts'
import { systemClock } from '../clock/system-clock.ts'
import { steeringFile } from './steering-file.ts'

const STEERING: SavedSteering = {
  ramps: [{ endpoint: 'web/a', startedAtMs: 1_800_000_000_000.5 }],
  falls: [
    { endpoint: 'web/b', kind: 'counted' },
    { endpoint: 'web/c', kind: 'forced-up' },
  ],
  withdrawals: [
    { loadBalancer: 'www.example.test', endpoint: 'web/b', atMs: 1_800_000_000_000 },
    { loadBalancer: null, endpoint: 'web/b', atMs: 1_800_000_000_000 },
  ],
  holds: [{ loadBalancer: 'www.example.test', endpoint: 'web/d', sinceMs: 5 }],
  latches: [{ name: 'www.example.test', generation: 3, tiers: [{ route: -1, type: 'A', pool: 'web' }] }],
}

function rig() {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-steering-'))
  const path = join(folder, 'steering.json')
  const said: string[] = []
  const file = steeringFile({
    ...{ path, clock: systemClock, logger: pino({ level: 'silent' }) },
    onDamaged: (message) => said.push(message),
  })
  return { folder, path, said, file }
}

it('gives back what was saved, to its owner alone, and null when there is no file', async () => {
  const { file, path } = rig()
  expect(await file.load()).toBeNull()
  await file.save(STEERING)
  expect(await file.load()).toEqual(STEERING)
  expect(statSync(path).mode & 0o777).toBe(0o600)
})

it('sets aside a file with any one byte changed or cut off, says so, and counts it as none', async () => {
  const { file, path, folder, said } = rig()
  await file.save(STEERING)
  const good = readFileSync(path)
  await fc.assert(
    fc.asyncProperty(
      fc.nat(good.length - 2),
      fc.integer({ min: 1, max: 255 }),
      fc.boolean(),
      async (at, by, cut) => {
        const bad = cut ? good.subarray(0, at) : Buffer.from(good)
        if (!cut) bad.writeUInt8(bad.readUInt8(at) ^ by, at)
        writeFileSync(path, bad)
        said.length = 0
        const loaded = await file.load()
        if (said.length === 0) expect(loaded).toEqual(STEERING)
        else expect(loaded).toBeNull()
      },
    ),
    { numRuns: 100 },
  )
  expect(readdirSync(folder).some((name) => name.includes('damaged'))).toBe(true)
})

it('a file that cannot be read is a fault that names it', async () => {
  const { folder } = rig()
  const path = join(folder, 'steering.json', 'below')
  writeFileSync(join(folder, 'steering.json'), '')
  const file = steeringFile({
    ...{ path, clock: systemClock, logger: pino({ level: 'silent' }), onDamaged: () => undefined },
  })
  await expect(file.load()).rejects.toThrow(path)
})
