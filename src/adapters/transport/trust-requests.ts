/**
 * What nodes ask of the trust of a control: POST /v1/join, the one request that needs no certificate, because a token stands in its
 * place; POST /v1/renewals, a new certificate for the one that the node came with; GET /v1/revocations, with whom to believe.
 * What must stay true: bodies are small and bounded; whoever is refused is told, and it is told of.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { z } from 'zod'
import { formatPeerIdentity } from '../../core/model/peer-identity.ts'
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
}

export async function serveJoin(trust: NodeTrust, { request, response, tell }: TrustRequest): Promise<void> {
  const body = joinSchema.safeParse(await bodyOf(request))
  if (!body.success) {
    refuse(response, 400, 'a token and a public key are expected')
    return
  }
  answer(await trust.join(body.data), { request, response, tell })
}

export async function serveRenewal(
  trust: NodeTrust,
  peer: KnownPeer,
  { request, response, tell }: TrustRequest,
): Promise<void> {
  const body = renewalSchema.safeParse(await bodyOf(request))
  if (!body.success) {
    refuse(response, 400, 'a public key is expected')
    return
  }
  const { serial, identity, authority } = peer
  const { publicKey: key, authorities: believes = [authority] } = body.data
  const about = { serial, identity: formatPeerIdentity(identity), publicKey: key, believes }
  const outcome = await trust.renew(about)
  answer(outcome, { request, response, tell })
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
  const answered = { serials: trust.revokedSerials(), authorities: trust.offer() }
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
  if (outcome.kind === 'refused')
    tell({ who: outcome.who, from: request.socket.remoteAddress ?? '', reason: outcome.reason })
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
