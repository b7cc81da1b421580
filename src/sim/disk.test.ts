import { describe, expect, it } from 'vitest'
import type { SavedVerdict } from '../core/health/verdict-book.ts'
import { Disk } from './disk.ts'
import { EventQueue } from './event-queue.ts'
import { Host, Life } from './host.ts'
import { Random } from './random.ts'

const verdict = (endpoint: string, state: 'up' | 'down'): SavedVerdict => ({
  ...{ endpoint, state, degraded: false, lastUp: 1 },
})

async function twoWrites(seed: number, afterMs: number) {
  const queue = new EventQueue()
  const random = new Random(seed)
  const host = new Host(queue, random, 0)
  const disk = new Disk(host, random)
  const storage = disk.verdictStorage(new Life(host), () => {
    queue.promised()
  })
  void storage.save([verdict('p/a', 'up')])
  await queue.run(5_000)
  void storage.append([verdict('p/a', 'down')])
  await queue.run(5_000 + afterMs)
  return { disk, storage }
}

describe('Disk', () => {
  it('holds what was written, an appended verdict in the place of the old one', async () => {
    const { disk, storage } = await twoWrites(1, 100)
    expect(disk.savedVerdicts()).toEqual([verdict('p/a', 'down')])
    expect(await storage.load()).toEqual(disk.savedVerdicts())
  })

  it('without power loses what is younger than a second, or not, and now and then a file; never what is older', async () => {
    const outcomes = new Map<string, number>()
    for (let seed = 1; seed <= 300; seed += 1) {
      const { disk } = await twoWrites(seed, 500)
      disk.losePower()
      const [saved] = disk.savedVerdicts()
      const outcome = saved?.state ?? 'torn'
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
      const older = await twoWrites(seed, 1_500)
      older.disk.losePower()
      expect([undefined, 'down']).toContain(older.disk.savedVerdicts()[0]?.state)
    }
    expect([...outcomes.keys()].sort()).toEqual(['down', 'torn', 'up'])
  })
})
