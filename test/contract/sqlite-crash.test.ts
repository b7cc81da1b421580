import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { crashStore } from './store-crash.ts'

it('SQLite: kill -9 in mid-write loses nothing acknowledged and leaves nothing half', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fairlead-crash-'))
  try {
    const lines: string[] = []
    const report = await crashStore({
      path: join(folder, 'store.db'),
      rounds: 5,
      progress: (line) => lines.push(line),
    })
    expect(report.lost, lines.join('\n')).toBe(0)
    expect(report.acknowledged).toBeGreaterThanOrEqual(report.rounds)
  } finally {
    await rm(folder, { recursive: true })
  }
})
