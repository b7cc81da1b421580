/**
 * Runs the resolver process among the clients, keeps what it saw, and lets others wait for it. What must stay true: it goes on through
 * every fault, because it runs where no fault reaches; where it has ended, whoever waits for an answer is told so.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { monotonicMs } from '../monotonic-ms.ts'
import type { Asked, Observation } from './observation.ts'

const RESOLVER = join(import.meta.dirname, 'resolver.ts')

export interface LoadOptions {
  readonly prefix: readonly string[]
  readonly name: string
  readonly nameservers: readonly Asked[]
  /** To each nameserver. */
  readonly questionsPerSec: number
}

export class QueryLoad {
  readonly #child: ChildProcess
  #seen: Observation[] = []
  readonly #waiting = new Set<(observation: Observation) => void>()
  readonly #hasEnded: Promise<never>

  constructor({ prefix, name, nameservers, questionsPerSec }: LoadOptions) {
    const asked = nameservers.map((one) => JSON.stringify(one))
    const [program = '', ...args] = [
      ...prefix,
      process.execPath,
      RESOLVER,
      name,
      String(questionsPerSec),
      ...asked,
    ]
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] })
    this.#child = child
    this.#hasEnded = once(child, 'exit').then(([code, signal]) => {
      throw new Error(`the clients have ended: ${String(code ?? signal)}`)
    })
    // Whoever waits is told; nobody may be waiting.
    this.#hasEnded.catch(() => undefined)
    createInterface({ input: child.stdout }).on('line', (line) => {
      const observation = JSON.parse(line) as Observation
      this.#seen.push(observation)
      for (const wake of this.#waiting) wake(observation)
    })
  }

  /** Everything asked since then. */
  since(fromMs: number): Observation[] {
    return this.#seen.filter(({ askedMs }) => askedMs >= fromMs)
  }

  /** Forgets what was asked before. */
  forget(beforeMs: number): void {
    this.#seen = this.since(beforeMs)
  }

  /** Gives each new observation to `isEnough` until it says so, or the time is over: then false. Rejects when nobody asks any more. */
  async until(isEnough: (observation: Observation) => boolean, withinMs: number): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const timer = setTimeout(() => {
      resolve(false)
    }, withinMs)
    const look = (observation: Observation) => {
      if (isEnough(observation)) resolve(true)
    }
    this.#waiting.add(look)
    try {
      return await Promise.race([promise, this.#hasEnded])
    } finally {
      clearTimeout(timer)
      this.#waiting.delete(look)
    }
  }

  /** Lets so much time pass, as the clients see it. */
  async pass(forMs: number): Promise<void> {
    if (forMs <= 0) return
    const endMs = monotonicMs() + forMs
    await this.until(({ askedMs }) => askedMs >= endMs, forMs + 5_000)
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const exited = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await exited
  }
}
