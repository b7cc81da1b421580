/**
 * What nodes ask of the trust of a control: POST /v1/join, the one request that needs no certificate, because a token stands in its
 * place; POST /v1/renewals, a new certificate for the one that the node came with; GET /v1/revocations, with whom to believe.
 * What must stay true: bodies are small and bounded; whoever is refused is told, and it is told of; who fails too often, or renews
 * without end, costs no look into the store.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { z } from 'zod'
import { formatPeerIdentity } from '../../core/model/peer-identity.ts'
import type { Clock } from '../../ports/clock.ts'
import type { OnRefused } from '../../ports/refusals.ts'
import type { IssueOutcome, NodeTrust } from '../../ports/trust.ts'
import type { KnownPeer } from './tls-identity.ts'

const MAX_BODY_BYTES = 8_192
const publicKey = z.string().max(1_024)
const joinSchema = z.object({ token: z.string().max(256), publicKey })
const fingerprint = z.string().regex(/^[0-9a-f]{64}$/)
/** Older nodes do not say whom they believe. */
const renewalSchema = z.object({ publicKey, authorities: z.array(fingerprint).max(16).optional() })
const believesSchema = z.array(fingerprint).max(16)

export interface TrustRequest {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly tell: OnRefused
  readonly clock: Pick<Clock, 'monotonicMs'>
  /** Absent: no limit. */
  readonly attempts?: Attempts
}

/** How often who may try. */
export interface Attempts {
  /** Seconds to wait before the next one; 0: none. */
  waitSec(who: string, nowMs: number): number
  failed(who: string, nowMs: number): number
}

export async function serveJoin(trust: NodeTrust, about: TrustRequest): Promise<void> {
  const { request, response, attempts, clock } = about
  const from = request.socket.remoteAddress ?? ''
  if (mustWait(from, about)) return
  const body = joinSchema.safeParse(await bodyOf(request))
  if (!body.success) {
    refuse(response, 400, 'a token and a public key are expected')
    return
  }
  const outcome = await trust.join(body.data)
  if (outcome.kind === 'refused') attempts?.failed(from, clock.monotonicMs())
  answer(outcome, about)
}

export async function serveRenewal(trust: NodeTrust, peer: KnownPeer, about: TrustRequest): Promise<void> {
  const { request, response, attempts, clock } = about
  // Of nodes behind one address each has its own certificate: it is known which of them asks too often.
  const { role } = peer.identity
  const who = role === 'control' ? role : `${role}/${peer.identity.site}/${peer.identity.name}`
  if (mustWait(who, about, formatPeerIdentity(peer.identity))) return
  attempts?.failed(who, clock.monotonicMs())
  const body = renewalSchema.safeParse(await bodyOf(request))
  if (!body.success) {
    refuse(response, 400, 'a public key is expected')
    return
  }
  const { serial, identity, authority } = peer
  const { publicKey: key, authorities: believes = [authority] } = body.data
  const shown = { serial, identity: formatPeerIdentity(identity), publicKey: key, believes }
  answer(await trust.renew(shown), about)
}

/** Has answered, where it must. */
function mustWait(
  who: string,
  { request, response, tell, attempts, clock }: TrustRequest,
  by?: string,
): boolean {
  const waitSec = attempts?.waitSec(who, clock.monotonicMs()) ?? 0
  if (waitSec === 0) return false
  const reason = `too many attempts: wait ${waitSec} s`
  tell({
    ...{ who: by ?? '', from: request.socket.remoteAddress ?? '', ...(by !== undefined && { by }) },
    reason: `${request.url ?? ''}: too many attempts`,
  })
  response.setHeader('retry-after', String(waitSec))
  refuse(response, 429, reason)
  return true
}

/** Whoever asks says which authorities are on its disk; an older node does not, and has that of its certificate. */
export function serveRevocations(
  trust: NodeTrust,
  peer: KnownPeer,
  { url, response }: { readonly url: URL; readonly response: ServerResponse },
): void {
  const said = believesSchema.safeParse(url.searchParams.get('authorities')?.split(','))
  const { serial, authority, beginsMs, endsMs } = peer
  const identity = formatPeerIdentity(peer.identity)
  trust.seen({ serial, identity, authority, beginsMs, endsMs, believes: said.data ?? [authority] })
  response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' })
  const notAfterMs = Object.fromEntries(trust.revoked().map((one) => [one.serial, one.notAfterMs]))
  const answered = { serials: trust.revokedSerials(), notAfterMs, authorities: trust.offer() }
  response.end(`${JSON.stringify(answered)}\n`)
}

export function refuse(response: ServerResponse, status: number, detail: string): void {
  response.writeHead(status, { 'content-type': 'application/problem+json', connection: 'close' })
  response.end(`${JSON.stringify({ status, detail })}\n`)
}

function answer(outcome: IssueOutcome, { request, response, tell }: TrustRequest): void {
  if (outcome.kind === 'issued') {
    const { chain, authority, offer } = outcome
    response.writeHead(201, { 'content-type': 'application/json', 'cache-control': 'no-store' })
    response.end(`${JSON.stringify({ chain, authority, authorities: offer })}\n`)
    return
  }
  if (outcome.kind === 'refused') {
    const { who, reason } = outcome
    tell({ who, from: request.socket.remoteAddress ?? '', reason, ...(who !== '' && { vouched: true }) })
  }
  refuse(response, outcome.kind === 'refused' ? 403 : 503, outcome.reason)
}

/** null: more than it may be, or no JSON. */
async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > MAX_BODY_BYTES) return null
    chunks.push(chunk)
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown
  } catch {
    return null
  }
}
