/**
 * Asks DNS servers one question over and over, from before a fault until after it, and counts what comes.
 * What must stay true: every question is counted once, in the moment its reply comes or its time is over.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { DnsClient, type DnsTarget } from '../../../src/adapters/dns-client/dns-client.ts'

export interface LoadCounts {
  readonly answered: number
  /** Values in the smallest answer. */
  readonly least: number
  /** Answers with other values than those that were named as right. */
  readonly wrong: number
  /** NOERROR with nothing in it, and NXDOMAIN. */
  readonly empty: number
  readonly servfail: number
  /** No reply: the server was not there. A resolver asks another one then. */
  readonly silent: number
}

const EVERY_MS = 20
const TIMEOUT_MS = 1_000

export class QueryLoad {
  readonly #right: string | null
  readonly #stop = new AbortController()
  readonly #counts = new Map<string, { -readonly [K in keyof LoadCounts]: number }>()
  readonly #loops: readonly Promise<void>[]

  /** `right`: the values of every answer; where it is absent any will do. */
  constructor(
    servers: Readonly<Record<string, DnsTarget>>,
    name: string,
    right: readonly string[] | null = null,
  ) {
    this.#right = right?.toSorted().join() ?? null
    this.#loops = Object.entries(servers).map(([server, target]) => this.#ask(server, target, name))
  }

  /** By server, since the last time. */
  take(): Readonly<Record<string, LoadCounts>> {
    const counts = Object.fromEntries([...this.#counts].map(([server, count]) => [server, { ...count }]))
    this.#counts.clear()
    return counts
  }

  async end(): Promise<void> {
    this.#stop.abort()
    await Promise.all(this.#loops)
  }

  async #ask(server: string, target: DnsTarget, name: string): Promise<void> {
    const client = new DnsClient(target)
    const open = new Set<Promise<void>>()
    while (!this.#stop.signal.aborted) {
      const asked: Promise<void> = client
        .ask(name, 'A', { timeoutMs: TIMEOUT_MS })
        .then((answer) => {
          const count = this.#counts.get(server) ?? {
            answered: 0,
            least: Infinity,
            wrong: 0,
            empty: 0,
            servfail: 0,
            silent: 0,
          }
          this.#counts.set(server, count)
          if (answer.kind === 'no-answer') count.silent += 1
          else if (answer.rcode === 'SERVFAIL') count.servfail += 1
          else if (answer.values.length === 0) count.empty += 1
          else {
            count.answered += 1
            count.least = Math.min(count.least, answer.values.length)
            if (this.#right !== null && answer.values.join() !== this.#right) count.wrong += 1
          }
        })
        .finally(() => open.delete(asked))
      open.add(asked)
      await delay(EVERY_MS)
    }
    await Promise.all(open)
  }
}
