/**
 * Many nodes on the feed of one control in a process of their own: `control-nodes.ts FOLDER PORT COUNT`. Each has a connection
 * with mutual TLS and reads every line whole, as a checker or a nameserver does; what they would make of it is left out.
 */
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { once } from 'node:events'
import { LineSplitter } from '../src/adapters/transport/line-splitter.ts'
import { TlsIdentity } from '../src/adapters/transport/tls-identity.ts'
import { nowMs } from './propagation-client.ts'
import { tlsFilesIn } from './tls-files-in.ts'

/** Answered when every node here has a snapshot; has heard of this change set; at once. */
export type NodesRequest =
  | { readonly kind: 'connected' }
  | { readonly kind: 'heard'; readonly changeSet: string }
  | { readonly kind: 'count' }

export interface NodesReply {
  /** When the last node had it (nowMs). */
  readonly lastMs: number
  /** Of all connections since their begin, with what TLS and HTTP add. */
  readonly bytes: number
  /** Lines of all connections, heartbeats too. */
  readonly lines: number
  /** Connections that the control ended. */
  readonly ended: number
}

const MAX_LINE_BYTES = 64 * 1_024 * 1_024
/** Handshakes under way at once. */
const CONNECTING = 8
/** The beginning of a line is enough to know it. */
const DELTA = /^\{"kind":"delta","revision":\d+,"changeSet":"([^"]+)"/

class Nodes {
  readonly #port: number
  readonly #count: number
  readonly #tls: TlsIdentity
  readonly #responses: IncomingMessage[] = []
  readonly #heard = new Map<string, { times: number; readonly all: PromiseWithResolvers<number> }>()
  #lines = 0
  #ended = 0

  constructor(folder: string, port: number, count: number) {
    this.#tls = new TlsIdentity(tlsFilesIn(folder, 'node'))
    this.#port = port
    this.#count = count
  }

  async connectAll(): Promise<number> {
    let left = this.#count
    const next = async (): Promise<void> => {
      while (left > 0) {
        left -= 1
        await this.#connect()
      }
    }
    await Promise.all(Array.from({ length: CONNECTING }, next))
    return nowMs()
  }

  heardByAll(changeSet: string): Promise<number> {
    return this.#of(changeSet).all.promise
  }

  reply(lastMs: number): NodesReply {
    const bytes = this.#responses.reduce((sum, { socket }) => sum + socket.bytesRead, 0)
    return { lastMs, bytes, lines: this.#lines, ended: this.#ended }
  }

  /** Resolves when the snapshot is there. */
  async #connect(): Promise<void> {
    const asked = request({
      ...{ ...this.#tls.options, host: '127.0.0.1', port: this.#port, path: '/v1/feed', agent: false },
      ...{ rejectUnauthorized: true, checkServerIdentity: () => undefined },
    })
    asked.end()
    const [response] = (await once(asked, 'response')) as [IncomingMessage]
    if (response.statusCode !== 200) throw new Error(`the feed answered ${response.statusCode ?? 0}`)
    this.#responses.push(response)
    const whole = Promise.withResolvers<undefined>()
    const splitter = new LineSplitter(MAX_LINE_BYTES)
    response.on('data', (chunk: Uint8Array) => {
      for (const line of splitter.push(chunk)) {
        this.#lines += 1
        this.#hear(line)
        whole.resolve(undefined)
      }
    })
    response.once('close', () => {
      this.#ended += 1
    })
    await whole.promise
  }

  #hear(line: string): void {
    const [, changeSet] = DELTA.exec(line) ?? []
    if (changeSet === undefined) return
    const heard = this.#of(changeSet)
    heard.times += 1
    if (heard.times === this.#count) heard.all.resolve(nowMs())
  }

  #of(changeSet: string) {
    const known = this.#heard.get(changeSet)
    if (known !== undefined) return known
    const fresh = { times: 0, all: Promise.withResolvers<number>() }
    this.#heard.set(changeSet, fresh)
    return fresh
  }
}

if (import.meta.main) {
  process.on('disconnect', () => process.exit(0))
  const [folder = '', port, count] = process.argv.slice(2)
  const nodes = new Nodes(folder, Number(port), Number(count))
  const connected = nodes.connectAll()
  process.on('message', (asked: NodesRequest) => {
    const time =
      asked.kind === 'connected'
        ? connected
        : asked.kind === 'heard'
          ? nodes.heardByAll(asked.changeSet)
          : Promise.resolve(nowMs())
    void time.then((lastMs) => process.send?.(nodes.reply(lastMs)))
  })
}
