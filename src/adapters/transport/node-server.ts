/**
 * Where control meets its nodes, by HTTPS with mutual TLS: GET /v1/feed gives the configuration as a stream, POST /v1/reports
 * takes what nodes say of themselves; trust-requests.ts has the others.
 * What must stay true: only checkers and nameservers come in, and, with a join token, whoever wants to become one; a checker that the
 * configuration has at another site is given no feed and believed no report; every request is bounded in size and time; nothing here is
 * in the way of the API.
 */
import { createServer, type Server } from 'node:https'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { Logger } from 'pino'
import { clientNetwork } from '../../core/net/client-network.ts'
import { describeTlsFault } from '../../core/net/describe-tls-fault.ts'
import { formatPeerIdentity, type PeerIdentity } from '../../core/model/peer-identity.ts'
import { CheckerSites } from '../../core/trust/checker-sites.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Feed } from '../../ports/feed.ts'
import type { OnRefused, Refusal } from '../../ports/refusals.ts'
import type { NodeReport } from '../../ports/report.ts'
import type { Store } from '../../ports/store.ts'
import { DeltaLines } from './delta-lines.ts'
import type { NodeTrust } from '../../ports/trust.ts'
import { FeedStream, type FeedPosition } from './feed-stream.ts'
import { LineSplitter } from './line-splitter.ts'
import { listenAt } from './listen-at.ts'
import { MAX_REPORT_BYTES, parseReport } from './report-message.ts'
import { AUTHORITIES_HEADER, digestOfRevocations, REVOCATIONS_HEADER } from './revocations.ts'
import { SnapshotLines } from './snapshot-lines.ts'
import { refusalOf, type KnownPeer, type Peer, type TlsIdentity } from './tls-identity.ts'
import {
  refuse,
  serveJoin,
  serveRenewal,
  serveRevocations,
  type Attempts,
  type TrustRequest,
} from './trust-requests.ts'
import { ToldLately } from './told-lately.ts'
import { WireFault } from './wire-fault.ts'

export interface NodeServerOptions {
  readonly listen: { readonly host: string; readonly port: number }
  readonly tls: TlsIdentity
  readonly feed: Feed
  readonly store: Pick<Store, 'revision' | 'revisionsAfter'>
  /** Looks for revisions of other controls. */
  readonly refresh: () => Promise<void>
  readonly onReport: (report: NodeReport, from: KnownPeer) => void
  readonly trust: NodeTrust
  /** Absent: no limit. */
  readonly attempts?: Attempts
  readonly onRefused: OnRefused
  /** Another one for each start: nodes then say everything again. */
  readonly instance: string
  readonly clock: Clock
  readonly logger: Logger
}

interface Asker {
  readonly identity: PeerIdentity
  readonly from: string
}

const HANDSHAKE_MS = 5_000
const REQUEST_MS = 30_000
/** For who has no certificate that is believed. */
const STRANGER_MS = 10_000
const MAX_CONNECTIONS = 8_192

export class NodeServer {
  readonly #options: NodeServerOptions
  readonly #server: Server
  readonly #lines: SnapshotLines
  readonly #deltas: DeltaLines
  readonly #streams = new Map<FeedStream, Asker>()
  readonly #checkerSites = new CheckerSites()
  readonly #told: ToldLately
  readonly #sockets = new Set<Socket>()
  readonly #secured = new Set<TLSSocket>()
  readonly #stopWatching: () => void
  #digested: { readonly serials: readonly string[]; readonly digest: string } | null = null

  constructor(options: NodeServerOptions) {
    this.#options = options
    const { tls, store, clock } = options
    this.#told = new ToldLately(clock)
    this.#lines = new SnapshotLines((number) => store.revision(number))
    this.#deltas = new DeltaLines(store)
    this.#server = createServer(
      {
        // Whoever shows none that is good is refused by us, below, with a reason; who shows none at all may join.
        ...{ ...tls.options, requestCert: true, rejectUnauthorized: false, handshakeTimeout: HANDSHAKE_MS },
        ...{ headersTimeout: REQUEST_MS, requestTimeout: REQUEST_MS },
      },
      (request, response) => {
        this.#handle(request, response).catch((error: unknown) => {
          options.logger.error({ err: error }, 'a request of a node failed')
          response.destroy()
        })
      },
    )
    this.#server.maxConnections = MAX_CONNECTIONS
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket)
      socket.once('close', () => this.#sockets.delete(socket))
    })
    this.#server.on('tlsClientError', (error: NodeJS.ErrnoException, socket) => {
      // Whoever only connects and hangs up, as port checks do, is not worth a word.
      if (error.code === 'ECONNRESET') return
      const who = { who: '', from: socket.remoteAddress ?? '' }
      this.#options.onRefused({ ...who, reason: `as a node: ${describeTlsFault(error)}` })
    })
    this.#server.on('secureConnection', (socket: TLSSocket) => {
      this.#greet(socket)
    })
    const ends = [
      tls.onReload(() => {
        this.#server.setSecureContext(tls.options)
      }),
      tls.revocations.onLook(() => {
        for (const socket of this.#secured) this.#lookAgain(socket)
      }),
      // Before the streams hear of it: who is at a wrong site from now on is not told of it.
      options.feed.subscribe(() => {
        for (const [stream, asker] of this.#streams)
          if (this.#misplaced(asker, 'GET /v1/feed') !== null) stream.end()
      }),
    ]
    this.#stopWatching = () => {
      for (const end of ends) end()
    }
  }

  /** Throws CommandError when the address cannot be had. */
  listen(): Promise<void> {
    return listenAt(this.#server, this.#options.listen, 'nodes')
  }

  /** Valid once it listens. */
  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  async close(): Promise<void> {
    this.#stopWatching()
    for (const stream of this.#streams.keys()) stream.end()
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => {
        resolve()
      })
    })
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { tls, trust, attempts, clock, instance, onRefused } = this.#options
    const peer = tls.judge(request.socket)
    const url = new URL(request.url ?? '/', 'https://control')
    const what = `${request.method ?? ''} ${url.pathname}`
    const about: TrustRequest = {
      request,
      response,
      ...{ tell: onRefused, clock },
      ...(attempts && { attempts }),
    }
    if (what === 'POST /v1/join' && peer.kind !== 'refused') {
      await serveJoin(trust, about)
      return
    }
    if (peer.kind === 'refused') {
      refuse(response, 403, peer.reason)
      return
    }
    if (peer.kind !== 'known' || peer.identity.role === 'control') {
      this.#options.onRefused({ from: request.socket.remoteAddress ?? '', ...wrongRole(peer, what) })
      refuse(response, 403, 'only a checker or a nameserver may ask here, by a certificate that says so')
      return
    }
    response.setHeader('fairlead-instance', instance)
    const asker = { identity: peer.identity, from: request.socket.remoteAddress ?? '' }
    const isFeed = what === 'GET /v1/feed'
    if (isFeed || what === 'POST /v1/reports') {
      const fault = this.#misplaced(asker, what)
      if (fault !== null) refuse(response, 403, fault)
      else if (isFeed) await this.#serveFeed(url, { response, asker })
      else await this.#takeReports(request, { response, peer })
    } else if (what === 'POST /v1/renewals') await serveRenewal(trust, peer, about)
    else if (what === 'GET /v1/revocations') serveRevocations(trust, peer, { url, response })
    else refuse(response, 404, 'there is GET /v1/feed and POST /v1/reports')
  }

  /** One that is not believed is told so when it asks, and is ended soon in any case, as who has no certificate yet. */
  #greet(socket: TLSSocket): void {
    const peer = this.#options.tls.judge(socket)
    if (peer.kind === 'known') {
      this.#secured.add(socket)
      socket.once('close', () => this.#secured.delete(socket))
      return
    }
    if (peer.kind === 'refused') this.#refused(socket, peer)
    socket.once(
      'close',
      this.#options.clock.after(STRANGER_MS, () => socket.destroy()),
    )
  }

  /** Ends the connection of one that is not believed any more. */
  #lookAgain(socket: TLSSocket): void {
    const peer = this.#options.tls.judge(socket)
    if (peer.kind !== 'refused') return
    this.#refused(socket, peer)
    socket.destroy()
  }

  #refused(socket: TLSSocket, peer: Extract<Peer, { kind: 'refused' }>): void {
    this.#options.onRefused({ from: socket.remoteAddress ?? '', ...refusalOf(peer, 'as a node') })
  }

  /** In words, and told; null: it is not. */
  #misplaced({ identity, from }: Asker, what: string): string | null {
    const { feed, onRefused } = this.#options
    const current = feed.current()
    const fault = current === null ? null : this.#checkerSites.fault(identity, current.configuration)
    const who = formatPeerIdentity(identity)
    if (fault === null) {
      this.#told.forget(who)
      return null
    }
    const reason = `${what}: ${fault}`
    // It asks again for as long as it runs.
    const untold = this.#told.tell(who, JSON.stringify([clientNetwork(from), reason]))
    const since = untold === null || untold === 0 ? '' : `; ${untold} more since this was last told`
    if (untold !== null) onRefused({ who, from, reason: `${reason}${since}`, by: who })
    return fault
  }

  async #serveFeed(
    url: URL,
    { response, asker }: { readonly response: ServerResponse; readonly asker: Asker },
  ): Promise<void> {
    const { feed, store, clock, refresh } = this.#options
    const from = positionOf(url)
    // A node that was served by another control may know more than this one does.
    if (from !== null && from.revision > (feed.current()?.revision ?? 0)) {
      await refresh()
      // The revision that came may have it elsewhere.
      const fault = this.#misplaced(asker, 'GET /v1/feed')
      if (fault !== null) {
        refuse(response, 403, fault)
        return
      }
    }
    response.writeHead(200, { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' })
    response.flushHeaders()
    const stream = new FeedStream({
      ...{ response, from, feed, store, clock },
      ...{ lines: this.#lines, deltas: this.#deltas },
    })
    this.#streams.set(stream, asker)
    try {
      await stream.run()
    } finally {
      this.#streams.delete(stream)
    }
  }

  async #takeReports(
    request: IncomingMessage,
    { response, peer }: { readonly response: ServerResponse; readonly peer: KnownPeer },
  ): Promise<void> {
    const splitter = new LineSplitter(MAX_REPORT_BYTES)
    let bytes = 0
    try {
      for await (const chunk of request as AsyncIterable<Buffer>) {
        bytes += chunk.length
        if (bytes > MAX_REPORT_BYTES) throw new WireFault(`reports of more than ${MAX_REPORT_BYTES} bytes`)
        for (const line of splitter.push(chunk)) this.#takeReport(line, peer, request)
      }
    } catch (error) {
      if (request.destroyed && !(error instanceof WireFault)) return
      if (!(error instanceof WireFault)) throw error
      refuse(response, 400, error.message)
      return
    }
    const { version } = this.#options.trust.offer()
    const headers = { [REVOCATIONS_HEADER]: this.#revocationsDigest(), [AUTHORITIES_HEADER]: String(version) }
    response.writeHead(204, headers).end()
  }

  #revocationsDigest(): string {
    const serials = this.#options.trust.revokedSerials()
    if (this.#digested?.serials !== serials)
      this.#digested = { serials, digest: digestOfRevocations(serials) }
    return this.#digested.digest
  }

  /** One that is not known here, as that of a newer node may be, does not stand in the way of the others. */
  #takeReport(line: string, peer: KnownPeer, { socket }: IncomingMessage): void {
    try {
      this.#options.onReport(parseReport(line, peer.identity), peer)
    } catch (error) {
      if (!(error instanceof WireFault)) throw error
      const by = formatPeerIdentity(peer.identity)
      const from = socket.remoteAddress ?? ''
      this.#options.onRefused({ who: by, from, by, reason: `its report: ${error.message}` })
    }
  }
}

/** null: from the beginning. */
function positionOf(url: URL): FeedPosition | null {
  const revision = Number(url.searchParams.get('revision') ?? '')
  const changeSet = url.searchParams.get('changeSet') ?? ''
  if (!Number.isSafeInteger(revision) || revision <= 0 || changeSet === '') return null
  return { revision, changeSet }
}

function wrongRole(peer: Exclude<Peer, { kind: 'refused' }>, what: string): Omit<Refusal, 'from'> {
  if (peer.kind !== 'known') return refusalOf(peer, what)
  const by = formatPeerIdentity(peer.identity)
  return { who: by, by, reason: `${what}: it is neither a checker nor a nameserver` }
}
