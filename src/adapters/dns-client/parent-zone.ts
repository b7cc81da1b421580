/**
 * Asks the name servers of the zone above for the DS of one of ours: themselves, so that no cache stands between.
 * What must stay true: a server that gives no answer of its own makes the whole unknown: a rollover must not go by half a view.
 */
import { Resolver } from 'node:dns/promises'
import type { ParentAnswer, ParentZone } from '../../ports/parent-zone.ts'
import { DnsClient, type DnsTarget } from './dns-client.ts'

const TIMEOUT_MS = 2_000
const TRIES = 2
const DNS_PORT = 53

type ServerAnswer =
  | { readonly kind: 'ds'; readonly server: string; readonly ds: readonly string[]; readonly ttlSec: number }
  | { readonly kind: 'unknown'; readonly detail: string }

export class ParentZoneClient implements ParentZone {
  readonly #resolver: Pick<Resolver, 'resolveNs' | 'resolve4' | 'resolve6'>

  /** The system's resolver if absent. */
  constructor(
    resolver: Pick<Resolver, 'resolveNs' | 'resolve4' | 'resolve6'> = new Resolver({
      timeout: TIMEOUT_MS,
      tries: TRIES,
    }),
  ) {
    this.#resolver = resolver
  }

  async dsOf(zone: string, servers: readonly DnsTarget[] | null): Promise<ParentAnswer> {
    const targets = servers ?? (await this.#find(zone))
    if (typeof targets === 'string') return { kind: 'unknown', detail: targets }
    if (targets.length === 0) return { kind: 'unknown', detail: 'no name server of the parent is named' }
    const answers = await Promise.all(targets.map((target) => askServer(target, zone)))
    const silent = answers.flatMap((answer) => (answer.kind === 'unknown' ? answer.detail : []))
    if (silent.length > 0) return { kind: 'unknown', detail: silent.join('; ') }
    const known = answers.flatMap((answer) => (answer.kind === 'ds' ? answer : []))
    return {
      kind: 'answer',
      servers: known.map(({ server, ds }) => ({ server, ds })),
      ttlSec: Math.max(...known.map(({ ttlSec }) => ttlSec)),
    }
  }

  /** The name servers of the closest zone above; in words why not. */
  async #find(zone: string): Promise<readonly DnsTarget[] | string> {
    for (let above = parentOf(zone); above !== null; above = parentOf(above)) {
      const names = await this.#names(above)
      if (typeof names === 'string') return names
      if (names.length === 0) continue
      const addresses = await Promise.all(names.map((name) => this.#addresses(name)))
      const found = addresses.flat()
      if (found.length === 0) return `no address of ${names.join(', ')} could be found`
      return found.map((address) => ({ address, port: DNS_PORT }))
    }
    return `no name servers above ${zone} could be found`
  }

  async #names(zone: string): Promise<readonly string[] | string> {
    try {
      return await this.#resolver.resolveNs(zone === '' ? '.' : zone)
    } catch (error) {
      // Not a zone of its own: the next one above is.
      if (isAbsence(error)) return []
      return `the resolver does not find the name servers of ${zone === '' ? 'the root' : zone}: ${messageOf(error)}`
    }
  }

  async #addresses(name: string): Promise<string[]> {
    const found = await Promise.allSettled([this.#resolver.resolve4(name), this.#resolver.resolve6(name)])
    return found.flatMap((one) => (one.status === 'fulfilled' ? one.value : []))
  }
}

async function askServer(target: DnsTarget, zone: string): Promise<ServerAnswer> {
  const server = target.address.includes(':')
    ? `[${target.address}]:${target.port}`
    : `${target.address}:${target.port}`
  const client = new DnsClient(target)
  let detail = ''
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const answer = await client.ask(zone, 'DS', { timeoutMs: TIMEOUT_MS })
    if (answer.kind === 'no-answer') {
      detail = `${server}: ${answer.detail}`
      continue
    }
    const { rcode, authoritative, values, ttlSec } = answer
    if (!authoritative || (rcode !== 'NOERROR' && rcode !== 'NXDOMAIN'))
      return { kind: 'unknown', detail: `${server} has no answer of its own (${rcode})` }
    return { kind: 'ds', server, ds: values, ttlSec: ttlSec ?? 0 }
  }
  return { kind: 'unknown', detail }
}

function parentOf(zone: string): string | null {
  if (zone === '') return null
  const dot = zone.indexOf('.')
  return dot === -1 ? '' : zone.slice(dot + 1)
}

function isAbsence(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENODATA' || error.code === 'ENOTFOUND')
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
