/** Times from a change to its answer, as a process of its own sees them that asks all the time. */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { nowMs, type PollNote, type PollRequest } from './propagation-client.ts'
import { round } from './round.ts'

const GIVE_UP_MS = 10_000
const PAUSE_MS = 10

/** The polling process, and what it saw. */
export class Poller {
  readonly #child: ChildProcess
  readonly #changedAtMs = new Map<string, number>()
  readonly #staleMs = new Map<string, number>()
  #waiting: { kind: PollNote['kind']; name: string; resolve: (note: PollNote) => void } | null = null

  constructor(child: ChildProcess) {
    this.#child = child
    child.on('message', (note: PollNote) => {
      if (note.kind === 'watched')
        this.#staleMs.set(note.name, note.lastOldAtMs - (this.#changedAtMs.get(note.name) ?? 0))
      else if (this.#waiting?.kind === note.kind && this.#waiting.name === note.name)
        this.#waiting.resolve(note)
    })
  }

  /** Milliseconds from the change to its first answer. */
  async time(watch: PollRequest, change: () => void): Promise<number> {
    this.#child.send(watch)
    await this.#note('polling', watch.name)
    await delay(PAUSE_MS)
    const seen = this.#note('seen', watch.name)
    const changedAtMs = nowMs()
    this.#changedAtMs.set(watch.name, changedAtMs)
    change()
    const note = await seen
    return note.kind === 'seen' ? note.atMs - changedAtMs : Infinity
  }

  /** The longest time after a change at which the old answer was still given, once every name has been watched. */
  async maxStale(suffix: string): Promise<number> {
    while (this.#staleMs.size < this.#changedAtMs.size) await once(this.#child, 'message')
    const stale = Array.from(this.#staleMs).filter(([name]) => name.endsWith(suffix))
    return round(Math.max(0, ...stale.map(([, staleMs]) => staleMs)), 2)
  }

  #note(kind: PollNote['kind'], name: string): Promise<PollNote> {
    const { promise, resolve, reject } = Promise.withResolvers<PollNote>()
    const timer = setTimeout(() => {
      reject(new Error(`${name}: not '${kind}' within ${GIVE_UP_MS} ms`))
    }, GIVE_UP_MS)
    this.#waiting = { kind, name, resolve }
    return promise.finally(() => {
      clearTimeout(timer)
    })
  }
}
