/**
 * What nodes ask of the trust of a control: POST /v1/join, the one request that needs no certificate, because a token stands in its
 * place; POST /v1/renewals, a new certificate for the one that the node came with; GET /v1/revocations.
 * What must stay true: bodies are small and bounded; whoever is refused is told, and it is told of.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { z } from 'zod'
import { formatPeerIdentity } from '../../core/model/peer-identity.ts'
import type { OnRefused } from '../../ports/refusals.ts'
import type { IssueOutcome, NodeTrust } from '../../ports/trust.ts'
import type { Peer } from './tls-identity.ts'

const MAX_BODY_BYTES = 8_192
const publicKey = z.string().max(1_024)
const joinSchema = z.object({ token: z.string().max(256), publicKey })
const renewalSchema = z.object({ publicKey })

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
  peer: Extract<Peer, { kind: 'known' }>,
  { request, response, tell }: TrustRequest,
): Promise<void> {
  const body = renewalSchema.safeParse(await bodyOf(request))
  if (!body.success) {
    refuse(response, 400, 'a public key is expected')
    return
  }
  const { serial, identity } = peer
  const outcome = await trust.renew({ serial, identity: formatPeerIdentity(identity), ...body.data })
  answer(outcome, { request, response, tell })
}

export function serveRevocations(trust: NodeTrust, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' })
  const notAfterMs = Object.fromEntries(trust.revoked().map((one) => [one.serial, one.notAfterMs]))
  response.end(`${JSON.stringify({ serials: trust.revokedSerials(), notAfterMs })}\n`)
}

export function refuse(response: ServerResponse, status: number, detail: string): void {
  response.writeHead(status, { 'content-type': 'application/problem+json', connection: 'close' })
  response.end(`${JSON.stringify({ status, detail })}\n`)
}

function answer(outcome: IssueOutcome, { request, response, tell }: TrustRequest): void {
  if (outcome.kind === 'issued') {
    const { chain, authority } = outcome
    response.writeHead(201, { 'content-type': 'application/json', 'cache-control': 'no-store' })
    response.end(`${JSON.stringify({ chain, authority })}\n`)
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
