/**
 * Asks the nameservers that a zone names, as a resolver does that has just learned of them: who is asked changes with the NS records
 * that are answered. Every reply is judged.
 * What must stay true: a reply is right by what was the truth when it was asked, or is now; a server's serial never goes back.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { DnsClient, type DnsTarget } from '../../../src/adapters/dns-client/dns-client.ts'
import { isLater } from '../../../src/adapters/powerdns/serial.ts'

export interface DelegationOptions {
  readonly zone: string
  /** By the name that the zone's NS records have, as glue has them. */
  readonly servers: Readonly<Record<string, DnsTarget>>
  /** Names that are asked first. */
  readonly first: readonly string[]
  readonly questions: Readonly<Record<string, { readonly type: 'A' | 'TXT'; readonly right: string }>>
}

const EVERY_MS = 5

export class DelegationClient {
  readonly #options: DelegationOptions
  readonly #clients: ReadonlyMap<string, DnsClient>
  /** By name, the values that are right, joined. */
  readonly #right: Map<string, readonly string[]>
  readonly #serials = new Map<string, number>()
  readonly #stop = new AbortController()
  readonly #done: Promise<void>
  #named: readonly string[]
  /** What was not right, in words. */
  readonly faults: string[] = []
  /** Right answers, by server. */
  readonly answered = new Map<string, number>()

  constructor(options: DelegationOptions) {
    this.#options = options
    this.#named = options.first
    this.#clients = new Map(
      Object.entries(options.servers).map(([name, target]) => [name, new DnsClient(target)]),
    )
    this.#right = new Map(Object.entries(options.questions).map(([name, { right }]) => [name, [right]]))
    this.#done = this.#run()
  }

  /** Those that are asked now. */
  get named(): readonly string[] {
    return this.#named
  }

  /** From now on `right` is an answer to the question about `name`, too. */
  alsoRight(name: string, right: string): void {
    this.#right.set(name, [...(this.#right.get(name) ?? []), right])
  }

  /** From now on `right` is the only one. */
  onlyRight(name: string, right: string): void {
    this.#right.set(name, [right])
  }

  async end(): Promise<void> {
    this.#stop.abort()
    await this.#done
  }

  async #run(): Promise<void> {
    const open = new Set<Promise<void>>()
    for (let count = 0; !this.#stop.signal.aborted; count += 1) {
      const server = this.#named[count % this.#named.length]!
      const asked: Promise<void> = this.#ask(server).finally(() => open.delete(asked))
      open.add(asked)
      await delay(EVERY_MS)
    }
    await Promise.all(open)
  }

  async #ask(server: string): Promise<void> {
    const { zone, questions } = this.#options
    const client = this.#clients.get(server)!
    const asked = Object.entries(questions).map(async ([name, { type }]) => {
      const before = this.#right.get(name)!
      const values = valuesOf(await client.ask(name, type))
      if (before.includes(values) || this.#right.get(name)!.includes(values))
        this.answered.set(server, (this.answered.get(server) ?? 0) + 1)
      else this.faults.push(`${server} ${name}: ${values}`)
    })
    await Promise.all([
      ...asked,
      this.#lookAtServers(client, server),
      this.#lookAtSerial(client, zone, server),
    ])
  }

  async #lookAtServers(client: DnsClient, server: string): Promise<void> {
    const answer = await client.ask(this.#options.zone, 'NS')
    const names = answer.kind === 'answer' ? answer.values.map((name) => name.replace(/\.$/, '')) : []
    if (names.length === 0 || names.some((name) => !this.#clients.has(name)))
      this.faults.push(`${server} NS: ${valuesOf(answer)}`)
    // One that was asked before the zone named others knows no better.
    else if (this.#named.includes(server)) this.#named = names
  }

  async #lookAtSerial(client: DnsClient, zone: string, server: string): Promise<void> {
    const before = this.#serials.get(server)
    const answer = await client.ask(zone, 'SOA')
    const serial = answer.kind === 'answer' ? Number(answer.values[0]?.split(' ')[2]) : NaN
    if (Number.isNaN(serial)) this.faults.push(`${server} SOA: ${valuesOf(answer)}`)
    else if (before !== undefined && isLater(before, serial))
      this.faults.push(`${server} SOA: ${serial} after ${before}`)
    else {
      // Of several that are under way the last one may not reply last.
      const known = this.#serials.get(server)
      if (known === undefined || isLater(serial, known)) this.#serials.set(server, serial)
    }
  }
}

function valuesOf(answer: Awaited<ReturnType<DnsClient['ask']>>): string {
  if (answer.kind === 'no-answer') return answer.detail
  return answer.rcode === 'NOERROR' ? answer.values.join(' ') : answer.rcode
}
