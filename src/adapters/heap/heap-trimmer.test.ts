import { expect, it } from 'vitest'
import type { Clock } from '../../ports/clock.ts'
import { HeapTrimmer } from './heap-trimmer.ts'

const LOOK_MS = 10_000

/** With one timer, as the trimmer has. */
class LookClock implements Clock {
  looks = 0
  #callback: (() => void) | null = null

  monotonicMs(): number {
    return this.looks * LOOK_MS
  }

  wallMs(): number {
    return 0
  }

  after(_delayMs: number, callback: () => void): () => void {
    this.#callback = callback
    return () => (this.#callback = null)
  }

  look(): void {
    this.looks += 1
    this.#callback?.()
  }
}

/** `rss`: what is resident at each look; `collected` lists the looks at which a collection left `needed`. */
function trims(rss: readonly number[], needed = 300e6): number[] {
  const clock = new LookClock()
  let bytes = 0
  const collected: number[] = []
  const trimmer = new HeapTrimmer({
    clock,
    residentBytes: () => bytes,
    collect: () => {
      collected.push(clock.looks)
      bytes = needed
    },
  })
  trimmer.start()
  for (const next of rss) {
    bytes = next
    clock.look()
  }
  trimmer.stop()
  clock.look()
  return collected
}

it('collects once when a wave is over, not while it lasts', () => {
  expect(trims([300e6, 600e6, 900e6, 905e6])).toEqual([4])
})

it('leaves a small process alone', () => {
  expect(trims(Array<number>(20).fill(150e6))).toEqual([])
})

it('does not try again where there was nothing to be had, and does after the next wave', () => {
  expect(trims([...Array<number>(12).fill(900e6)], 880e6)).toEqual([2])
  expect(trims([900e6, 900e6, ...Array<number>(12).fill(310e6), 700e6, 700e6])).toEqual([2, 16])
})

it('at most once a minute', () => {
  expect(trims([900e6, 900e6, 900e6, 900e6, 900e6, 900e6, 900e6, 900e6])).toEqual([2, 8])
})

it('a real collection takes what nobody holds', async () => {
  const garbage = (() => new WeakRef(Array.from({ length: 1_000 }, (_, index) => ({ index }))))()
  const clock = new LookClock()
  // Any process is large enough here.
  const trimmer = new HeapTrimmer({ clock, residentBytes: () => 1e9 })
  trimmer.start()
  clock.look()
  // A reference is strong for the turn of the loop that made it.
  await new Promise((resolve) => setImmediate(resolve))
  clock.look()
  trimmer.stop()
  expect(garbage.deref()).toBeUndefined()
})
