import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { crashStore } from './store-crash.ts'

it.each([1, 3])(
  'SQLite: kill -9 of %i writers loses nothing acknowledged, leaves nothing half',
  async (writers) => {
    const folder = await mkdtemp(join(tmpdir(), 'fairlead-crash-'))
    try {
      const lines: string[] = []
      const report = await crashStore({
        place: join(folder, 'store.db'),
        rounds: 4,
        writers,
        progress: (line) => lines.push(line),
      })
      expect(report.lost, lines.join('\n')).toBe(0)
      expect(report.acknowledged).toBeGreaterThanOrEqual(report.rounds)
    } finally {
      await rm(folder, { recursive: true })
    }
  },
)
