/** One request for the feed to one control, until it ends: it ends once, for one reason. */
import type { ClientRequest, IncomingMessage } from 'node:http'
import { request } from 'node:https'
import type { Clock } from '../../ports/clock.ts'
import { parseFeedMessage, type FeedMessage } from './feed-message.ts'
import type { FeedPosition } from './feed-stream.ts'
import { LineSplitter } from './line-splitter.ts'
import { problemDetail } from './problem-detail.ts'
import type { Peer, TlsIdentity } from './tls-identity.ts'

export interface ControlAddress {
  readonly host: string
  readonly port: number
}

export interface FeedConnectionOptions {
  readonly to: ControlAddress
  readonly tls: TlsIdentity
  /** What is held already. */
  readonly from: FeedPosition | null
  readonly clock: Clock
  /** May throw: then the connection ends with that reason. */
  readonly onMessage: (message: FeedMessage) => void
  /** `isBadFeed`: it answered, with something that is no feed. */
  readonly onEnd: (end: { readonly reason: string; readonly isBadFeed: boolean }) => void
}

/** Three heartbeats. */
const SILENT_MS = 15_000
/** A configuration of 100,000 endpoints is 20 MB. */
const MAX_LINE_BYTES = 256 * 1_024 * 1_024
const MAX_REFUSAL = 4_096

export class FeedConnection {
  readonly to: ControlAddress
  readonly #options: FeedConnectionOptions
  readonly #request: ClientRequest
  #cancelSilence: () => void = () => undefined
  #endLooks: () => void = () => undefined
  #ended = false

  constructor(options: FeedConnectionOptions) {
    this.#options = options
    const { to, tls, from } = options
    this.to = to
    const query =
      from === null
        ? ''
        : `?${new URLSearchParams({ revision: String(from.revision), changeSet: from.changeSet }).toString()}`
    this.#request = request({
      ...tls.options,
      ...{ host: to.host, port: to.port, path: `/v1/feed${query}`, agent: false },
      rejectUnauthorized: true,
      // The certificate names the role, not the address: see below.
      checkServerIdentity: () => undefined,
    })
    this.#watchSilence()
    this.#request.once('response', (response) => {
      this.#read(response)
    })
    this.#request.on('error', (error) => {
      this.#end(error.message)
    })
    this.#request.end()
  }

  stop(): void {
    this.#ended = true
    this.#cancelSilence()
    this.#endLooks()
    this.#request.destroy()
  }

  #read(response: IncomingMessage): void {
    const { tls } = this.#options
    const fault = faultOfControl(tls.judge(response.socket))
    if (fault !== null) {
      this.#end(fault)
      return
    }
    this.#endLooks = tls.revocations.onLook(() => {
      const lost = faultOfControl(tls.judge(response.socket))
      if (lost !== null) this.#end(lost)
      else if (tls.isOutdated(response.socket)) this.#end('an authority was retired: it is asked anew')
    })
    if (response.statusCode !== 200) {
      void this.#readRefusal(response)
      return
    }
    const splitter = new LineSplitter(MAX_LINE_BYTES)
    response.on('data', (chunk: Uint8Array) => {
      if (this.#ended) return
      this.#watchSilence()
      try {
        for (const line of splitter.push(chunk))
          if (!this.#hasEnded()) this.#options.onMessage(parseFeedMessage(line))
      } catch (error) {
        this.#end(error instanceof Error ? error.message : String(error), true)
      }
    })
    response.once('close', () => {
      this.#end('it ended the connection')
    })
    response.on('error', (error) => {
      this.#end(error.message)
    })
  }

  async #readRefusal(response: IncomingMessage): Promise<void> {
    const status = `it answered with status ${response.statusCode ?? 0}`
    let text = ''
    try {
      for await (const chunk of response as AsyncIterable<Buffer>)
        if ((text += chunk.toString('utf8')).length > MAX_REFUSAL) break
      const detail = problemDetail(JSON.parse(text))
      this.#end(detail === null ? status : `${status}: ${detail}`)
    } catch {
      this.#end(status)
    }
  }

  #hasEnded(): boolean {
    return this.#ended
  }

  #watchSilence(): void {
    this.#cancelSilence()
    this.#cancelSilence = this.#options.clock.after(SILENT_MS, () => {
      this.#end(`nothing came for ${SILENT_MS / 1_000} s`)
    })
  }

  #end(reason: string, isBadFeed = false): void {
    if (this.#ended) return
    this.stop()
    this.#options.onEnd({ reason, isBadFeed })
  }
}

function faultOfControl(peer: Peer): string | null {
  if (peer.kind === 'refused') return peer.reason
  return peer.kind === 'known' && peer.identity.role === 'control'
    ? null
    : 'its certificate is not that of a control'
}
