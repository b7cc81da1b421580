/** What the poller of the failover bench sees: the state of every nameserver's answer, and since when. */
import { fork, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import type { AnswerState, PollerNote, PollerOrder, PollTarget } from './failover-poller.ts'
import { SYSTEM_NAMES, type Failover, type SystemName } from './failover-sample.ts'

export interface SystemTarget extends PollTarget {
  readonly system: SystemName
}

interface Seen {
  readonly state: AnswerState
  readonly atMs: number
}

export class FailoverWatch {
  readonly #targets: readonly SystemTarget[]
  readonly #child: ChildProcess
  /** By target, oldest first; only the newest one survives `forget`. */
  readonly #seen: Seen[][]
  #onNote: () => void = () => undefined

  constructor(targets: readonly SystemTarget[], watched: string) {
    this.#targets = targets
    this.#seen = targets.map(() => [])
    this.#child = fork(join(import.meta.dirname, 'failover-poller.ts'))
    this.#child.on('message', ({ target, state, atMs }: PollerNote) => {
      this.#seen[target]?.push({ state, atMs })
      this.#onNote()
    })
    this.#child.send({ targets, watched } satisfies PollerOrder)
  }

  /** True while every nameserver's last answer was in that state. */
  all(state: AnswerState): boolean {
    return this.#seen.every((seen) => seen.at(-1)?.state === state)
  }

  /** Resolves when every nameserver answers so; throws and names those that do not when the time is over. */
  async untilAll(state: AnswerState, withinMs: number): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<undefined>()
    this.#onNote = () => {
      if (this.all(state)) resolve(undefined)
    }
    const timer = setTimeout(() => {
      const late = this.#targets.filter((_, index) => this.#seen[index]?.at(-1)?.state !== state)
      const names = late.map(({ system, name, address }) => `${system} (${name} at ${address})`).join(', ')
      reject(new Error(`not '${state}' within ${withinMs} ms: ${names}`))
    }, withinMs)
    this.#onNote()
    try {
      await promise
    } finally {
      clearTimeout(timer)
      this.#onNote = () => undefined
    }
  }

  forget(): void {
    for (const seen of this.#seen) seen.splice(0, seen.length - 1)
  }

  /** Since `forget`; every nameserver answers right now. */
  failovers(diedAtMs: number): Record<SystemName, Failover> {
    const one = (system: SystemName): Failover => {
      const seen = this.#seen.filter((_, index) => this.#targets[index]?.system === system)
      const rights = seen.map((states) => states.filter(({ state }) => state === 'right'))
      const first = Math.min(...rights.map((states) => states[0]?.atMs ?? Infinity))
      const last = Math.max(...rights.map((states) => states.at(-1)?.atMs ?? Infinity))
      return { firstMs: Math.round(first - diedAtMs), lastMs: Math.round(last - diedAtMs) }
    }
    return Object.fromEntries(SYSTEM_NAMES.map((system) => [system, one(system)])) as Record<
      SystemName,
      Failover
    >
  }

  end(): void {
    this.#child.kill('SIGKILL')
  }
}
