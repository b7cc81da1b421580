import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import { expect, it } from 'vitest'
import { ManualClock } from '../testing/manual-clock.ts'
import { createUpdates } from './context.ts'

it.each(['', '{"example.test 192.0.2.53:53":', '[]', '{"version":1,"sha256":"","content":[]}'])(
  'starts where what was published is kept as %j, sets that aside, and says so',
  async (text) => {
    const dataDir = mkdtempSync(join(tmpdir(), 'fairlead-updates-'))
    const path = join(dataDir, 'updates.json')
    writeFileSync(path, text)
    const alarms: string[] = []
    const updates = createUpdates({
      ...{ dataDir, clock: new ManualClock(), logger: pino({ level: 'silent' }) },
      onAlarm: (message) => alarms.push(message),
    })
    await updates.start()
    await updates.stop()
    expect(alarms).toEqual([expect.stringContaining(path)])
    expect(readdirSync(dataDir)).toEqual([expect.stringMatching(/^updates\.json\.damaged-/)])
    rmSync(dataDir, { recursive: true })
  },
)
