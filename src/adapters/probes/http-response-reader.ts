/**
 * Reads one HTTP/1 reply from bytes as they come: push chunks, then `end` when the peer closed. Pure.
 * What must stay true: the outcome depends on the bytes alone, never on how the network split them; memory is bounded by the
 * limits below whatever the peer sends; once an outcome is there it stays.
 */
import {
  framingOf,
  malformed,
  parseField,
  parseStatusLine,
  STATUS_LINE_START,
  type BodyFraming,
  type Headers,
  type Malformed,
  type StatusLine,
} from './http-head.ts'

export interface HttpResponse {
  readonly status: number
  readonly headers: Headers
  /** At most `maxBodyBytes`; `isTruncated` when there may have been more. */
  readonly body: Buffer
  readonly isTruncated: boolean
}

export type ReadOutcome =
  { readonly kind: 'more' } | { readonly kind: 'response'; readonly response: HttpResponse } | Malformed

/** Bytes of all heads of a reply together, interim ones included. */
export const MAX_HEAD_BYTES = 32_768
const MAX_FIELDS = 200
const MAX_CHUNK_LINE_BYTES = 1_024
const MAX_TRAILER_BYTES = 8_192
const CHUNK_SIZE = /^([0-9A-Fa-f]{1,8})[ \t]*(?:;.*)?$/
const LF = 0x0a
const CR = 0x0d

type Stage = 'status-line' | 'field' | 'body' | 'chunk-size' | 'chunk-data' | 'chunk-end' | 'trailer'

const MORE: ReadOutcome = { kind: 'more' }

interface ReaderOptions {
  readonly isHead: boolean
  readonly maxBodyBytes: number
  /** False: the body is counted and checked, and comes out empty. */
  readonly keepsBody?: boolean
}

export class HttpResponseReader {
  readonly #isHead: boolean
  readonly #maxBodyBytes: number
  readonly #keepsBody: boolean
  #outcome: ReadOutcome = MORE
  #stage: Stage = 'status-line'
  #line = ''
  #headBytes = 0
  #trailerBytes = 0
  #statusLine: StatusLine | null = null
  #headers = new Map<string, string[]>()
  #fields = 0
  #framing: BodyFraming = { kind: 'none' }
  #body: Buffer[] = []
  #bodyBytes = 0
  /** Bytes still to come of the body or of the chunk; Infinity when only the close ends it. */
  #remaining = 0
  #hasBytesAfter = false

  constructor({ isHead, maxBodyBytes, keepsBody = true }: ReaderOptions) {
    this.#isHead = isHead
    this.#maxBodyBytes = maxBodyBytes
    this.#keepsBody = keepsBody
  }

  /** 'more' until the reply is complete, or as much of its body as is wanted has come. Keeps nothing of `chunk` itself. */
  push(chunk: Buffer): ReadOutcome {
    let offset = 0
    while (this.#outcome.kind === 'more' && offset < chunk.length) {
      const isData = this.#stage === 'body' || this.#stage === 'chunk-data'
      offset = isData ? this.#takeData(chunk, offset) : this.#takeLine(chunk, offset)
    }
    if (offset < chunk.length) this.#hasBytesAfter = true
    return this.#outcome
  }

  /**
   * Whether another request may follow on the connection (RFC 9112 section 9.3): the reply ended by itself, nothing came after
   * it, and the peer did not say that it closes.
   */
  isReusable(): boolean {
    const line = this.#statusLine
    if (this.#outcome.kind !== 'response' || line === null || line.status === 101) return false
    if (this.#outcome.response.isTruncated || this.#hasBytesAfter) return false
    if (this.#framing.kind === 'until-close') return false
    const options = (this.#headers.get('connection') ?? [])
      .flatMap((value) => value.split(','))
      .map((option) => option.trim().toLowerCase())
    return !options.includes('close') && (line.minorVersion > 0 || options.includes('keep-alive'))
  }

  /** The peer closed its side: complete for a body that the close ends, cut short otherwise. Never 'more'. */
  end(): Exclude<ReadOutcome, { kind: 'more' }> {
    if (this.#outcome.kind !== 'more') return this.#outcome
    if (this.#stage === 'body' && this.#framing.kind === 'until-close') return this.#complete(false)
    return cutShort(this.#whereCut())
  }

  #whereCut(): string {
    if (this.#stage === 'status-line' && this.#headBytes === 0) return 'connection closed without a reply'
    if (this.#stage === 'status-line' || this.#stage === 'field') return 'closed within the reply head'
    if (this.#framing.kind !== 'length') return 'closed before the last chunk of the body'
    return `closed after ${this.#bodyBytes} of ${this.#framing.bytes} bytes of the body`
  }

  #takeData(chunk: Buffer, offset: number): number {
    const wanted = Math.min(this.#remaining, this.#maxBodyBytes - this.#bodyBytes, chunk.length - offset)
    if (this.#keepsBody) this.#body.push(Buffer.from(chunk.subarray(offset, offset + wanted)))
    this.#bodyBytes += wanted
    this.#remaining -= wanted
    if (this.#remaining === 0) this.#endData()
    else if (this.#bodyBytes === this.#maxBodyBytes) this.#complete(true)
    return offset + wanted
  }

  #endData(): void {
    if (this.#stage === 'chunk-data') this.#stage = 'chunk-end'
    else this.#complete(false)
  }

  #takeLine(chunk: Buffer, offset: number): number {
    const newline = chunk.indexOf(LF, offset)
    const end = newline < 0 ? chunk.length : newline + 1
    const piece = chunk.toString('latin1', offset, end)
    this.#line = this.#line === '' ? piece : this.#line + piece
    const fault = this.#checkPartialLine(end - offset)
    if (fault !== null) this.#outcome = fault
    else if (newline >= 0) {
      const line = this.#line
      this.#line = ''
      if (line.charCodeAt(line.length - 2) === CR) this.#readLine(line.slice(0, -2))
      else this.#outcome = malformed('a line ends without a carriage return')
    }
    return end
  }

  /** Faults that show before the line is complete, so that a peer cannot make us wait, or hold, for more. */
  #checkPartialLine(bytes: number): Malformed | null {
    switch (this.#stage) {
      case 'status-line':
        return this.#startsRight()
          ? this.#countHead(bytes)
          : malformed(`it does not start with '${STATUS_LINE_START}'`)
      case 'field':
        return this.#countHead(bytes)
      case 'trailer':
        this.#trailerBytes += bytes
        return this.#trailerBytes > MAX_TRAILER_BYTES
          ? malformed(`its trailer is longer than ${MAX_TRAILER_BYTES} bytes`)
          : null
      case 'chunk-size':
      case 'chunk-end':
      case 'body':
      case 'chunk-data':
        return this.#line.length > MAX_CHUNK_LINE_BYTES
          ? malformed(`a chunk line is longer than ${MAX_CHUNK_LINE_BYTES} bytes`)
          : null
    }
  }

  #startsRight(): boolean {
    return this.#line.length < STATUS_LINE_START.length
      ? STATUS_LINE_START.startsWith(this.#line)
      : this.#line.startsWith(STATUS_LINE_START)
  }

  #countHead(bytes: number): Malformed | null {
    this.#headBytes += bytes
    return this.#headBytes > MAX_HEAD_BYTES
      ? malformed(`its head is longer than ${MAX_HEAD_BYTES} bytes`)
      : null
  }

  #readLine(line: string): void {
    if (this.#stage === 'status-line') this.#readStatusLine(line)
    else if (this.#stage === 'field') this.#readField(line)
    else if (this.#stage === 'chunk-size') this.#readChunkSize(line)
    else if (this.#stage === 'trailer') this.#readTrailer(line)
    else if (line === '') this.#stage = 'chunk-size'
    else this.#outcome = malformed('a chunk is longer than its size says')
  }

  #readStatusLine(line: string): void {
    const parsed = parseStatusLine(line)
    if (parsed.kind === 'malformed') {
      this.#outcome = parsed
      return
    }
    this.#statusLine = parsed
    if (this.#headers.size > 0) this.#headers = new Map()
    this.#stage = 'field'
  }

  #readField(line: string): void {
    if (line === '') {
      this.#endHead()
      return
    }
    const field = parseField(line)
    this.#fields += 1
    if (field.kind === 'malformed') this.#outcome = field
    else if (this.#fields > MAX_FIELDS)
      this.#outcome = malformed(`it has more than ${MAX_FIELDS} header lines`)
    else {
      const values = this.#headers.get(field.name)
      if (values === undefined) this.#headers.set(field.name, [field.value])
      else values.push(field.value)
    }
  }

  #endHead(): void {
    const line = this.#statusLine
    if (line === null) return
    // 101 is final: nothing of HTTP/1 follows it. Other interim replies announce the real one (RFC 9110 15.2).
    if (line.status < 200 && line.status !== 101) {
      this.#stage = 'status-line'
      return
    }
    const framing = framingOf(line, this.#headers, this.#isHead)
    if (framing.kind === 'malformed') {
      this.#outcome = framing
      return
    }
    this.#framing = framing
    this.#stage = framing.kind === 'chunked' ? 'chunk-size' : 'body'
    this.#remaining = framing.kind === 'length' ? framing.bytes : Infinity
    if (framing.kind === 'none' || this.#remaining === 0) this.#complete(false)
  }

  #readChunkSize(line: string): void {
    const match = CHUNK_SIZE.exec(line)
    if (match === null) {
      this.#outcome = malformed('a chunk size is not a hexadecimal number')
      return
    }
    this.#remaining = Number.parseInt(match[1] ?? '', 16)
    this.#stage = this.#remaining === 0 ? 'trailer' : 'chunk-data'
  }

  #readTrailer(line: string): void {
    if (line === '') {
      this.#complete(false)
      return
    }
    const field = parseField(line)
    if (field.kind === 'malformed') this.#outcome = field
  }

  #complete(isTruncated: boolean): Exclude<ReadOutcome, { kind: 'more' }> {
    const status = this.#statusLine?.status ?? 0
    const [first] = this.#body
    const body = first !== undefined && this.#body.length === 1 ? first : Buffer.concat(this.#body)
    const outcome = {
      kind: 'response',
      response: { status, headers: this.#headers, body, isTruncated },
    } as const
    this.#outcome = outcome
    return outcome
  }
}

function cutShort(detail: string): Malformed {
  return { kind: 'malformed', detail }
}
