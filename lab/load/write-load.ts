/**
 * Runs a writer beside each control, keeps what was acknowledged, and compares it with what the store has in the end. What must stay
 * true: what was acknowledged is there, once; what was not may be there, once.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { monotonicMs } from '../monotonic-ms.ts'

/** A change that met a failover is tried again by the control for 20 s, and then by its writer as another one. */
const MORE_WITHIN_MS = 60_000
const WRITER = join(import.meta.dirname, 'writer.ts')

/** As a writer prints it. */
export interface Acknowledged {
  readonly zone: string
  readonly count: number
  readonly revision: number
  /** On the machine's monotonic clock. */
  readonly sentMs: number
  readonly tookMs: number
}

/** As the API has it. */
export interface StoredRevision {
  readonly number: number
  readonly changes: readonly { readonly name: string; readonly after?: unknown }[]
}

export interface Writer {
  readonly zone: string
  readonly dataDir: string
  readonly prefix: readonly string[]
}

export class WriteLoad {
  readonly #writers: readonly Writer[]
  readonly #children: readonly ChildProcess[]
  readonly #acknowledged: Acknowledged[] = []
  readonly #waiting = new Set<() => void>()

  constructor(writers: readonly Writer[]) {
    this.#writers = writers
    this.#children = writers.map(({ zone, dataDir, prefix }) => {
      const command = [...prefix, process.execPath, WRITER, zone, dataDir]
      const [program = '', ...args] = command
      const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] })
      createInterface({ input: child.stdout }).on('line', (line) => {
        this.#acknowledged.push(JSON.parse(line) as Acknowledged)
        for (const wake of this.#waiting) wake()
      })
      return child
    })
  }

  /** Until so many changes that are sent from now on are acknowledged through each control. Rejects when that takes too long. */
  async more(count: number): Promise<void> {
    const fromMs = monotonicMs()
    const { promise, resolve, reject } = Promise.withResolvers<undefined>()
    const look = () => {
      const sent = (zone: string) =>
        this.#acknowledged.filter((one) => one.zone === zone && one.sentMs >= fromMs).length
      if (this.#writers.every(({ zone }) => sent(zone) >= count)) resolve(undefined)
    }
    const timer = setTimeout(() => {
      reject(new Error(`not ${count} changes through each control within ${MORE_WITHIN_MS} ms`))
    }, MORE_WITHIN_MS)
    this.#waiting.add(look)
    try {
      await promise
    } finally {
      clearTimeout(timer)
      this.#waiting.delete(look)
    }
  }

  /** What they were told, in the order of the answers. */
  get acknowledged(): readonly Acknowledged[] {
    return this.#acknowledged
  }

  async end(): Promise<void> {
    await Promise.all(
      this.#children.map(async (child) => {
        if (child.exitCode !== null || child.signalCode !== null) return
        const exited = once(child, 'exit')
        child.kill('SIGKILL')
        await exited
      }),
    )
  }
}
