import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HttpResponseReader, MAX_HEAD_BYTES, type ReadOutcome } from './http-response-reader.ts'

const MAX = 64

interface ReadOptions {
  readonly isHead?: boolean
  /** Places at which the bytes are split. */
  readonly splits?: readonly number[]
}

/** Reads `bytes`, then the close. */
function read(bytes: string | Buffer, { isHead = false, splits = [] }: ReadOptions = {}): ReadOutcome {
  const whole = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes, 'latin1')
  const reader = new HttpResponseReader({ isHead, maxBodyBytes: MAX })
  const cuts = [0, ...splits.map((at) => at % (whole.length + 1)).sort((a, b) => a - b), whole.length]
  for (const [index, from] of cuts.slice(0, -1).entries()) reader.push(whole.subarray(from, cuts[index + 1]))
  return reader.end()
}

function response(bytes: string, options?: ReadOptions) {
  const outcome = read(bytes, options)
  if (outcome.kind !== 'response') throw new Error(`expected a response, got ${JSON.stringify(outcome)}`)
  const { status, headers, body, isTruncated } = outcome.response
  return { status, headers, body: body.toString('latin1'), isTruncated }
}

const CHUNKED = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'

describe('what it accepts', () => {
  it('reads a body of a given length, and no further', () => {
    const reply = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A:  b \r\nx-a: c\r\n\r\nhello and more'
    expect(response(reply)).toEqual({
      status: 200,
      headers: new Map([
        ['content-length', ['5']],
        ['x-a', ['b', 'c']],
      ]),
      body: 'hello',
      isTruncated: false,
    })
  })

  it('reads a chunked body with extensions and a trailer', () => {
    const reply = `${CHUNKED}5;a=b\r\nhello\r\n6 \r\n world\r\n0\r\nX-Sum: 1\r\n\r\n`
    expect(response(reply)).toMatchObject({ body: 'hello world', isTruncated: false })
  })

  it('reads a body that the close ends', () => {
    expect(response('HTTP/1.0 404\r\n\r\nnot here')).toMatchObject({ status: 404, body: 'not here' })
  })

  it('skips interim replies, and takes 101 for the last one', () => {
    const interim = 'HTTP/1.1 100 Continue\r\nX-Interim: 1\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n'
    const final = response(`${interim}HTTP/1.1 204 No Content\r\nX-Final: 1\r\n\r\n`)
    expect(final.status).toBe(204)
    expect([...final.headers.keys()]).toEqual(['x-final'])
    expect(response('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n\x81\x00').status).toBe(
      101,
    )
  })

  it.each([
    ['a reply to HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n', true],
    ['304', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 500\r\n\r\n', false],
    ['a length of zero', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', false],
  ])('is complete at the end of the head: %s', (_name, reply, isHead) => {
    const reader = new HttpResponseReader({ isHead, maxBodyBytes: MAX })
    expect(reader.push(Buffer.from(reply)).kind).toBe('response')
  })

  it('has enough at the limit of the body, whatever comes after', () => {
    const body = 'x'.repeat(MAX)
    const long = `HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n${body}`
    expect(response(long)).toMatchObject({ body, isTruncated: true })
    expect(response(`${CHUNKED}41\r\n${body}x\r\nnonsense`)).toMatchObject({ body, isTruncated: true })
    expect(response(`HTTP/1.1 200 OK\r\nContent-Length: ${MAX}\r\n\r\n${body}`)).toMatchObject({
      isTruncated: false,
    })
  })

  it('takes a length that is repeated for one', () => {
    expect(response('HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\nContent-Length: 2\r\n\r\nok').body).toBe('ok')
  })
})

describe('what it refuses', () => {
  const ok = 'HTTP/1.1 200 OK\r\n'
  it.each([
    ['', 'connection closed without a reply'],
    ['HTTP/1.1 200', 'closed within the reply head'],
    [`${ok}Content-Length: 5\r\n\r\nhel`, 'closed after 3 of 5 bytes of the body'],
    [`${CHUNKED}5\r\nhello\r\n`, 'closed before the last chunk of the body'],
    ['SSH-2.0-OpenSSH_9.2\r\n', "malformed reply: it does not start with 'HTTP/1.'"],
    ['HTTP/2 200\r\n\r\n', "malformed reply: it does not start with 'HTTP/1.'"],
    ['\x15\x03\x01\x00\x02\x02\x46', "malformed reply: it does not start with 'HTTP/1.'"],
    ['HTTP/1.1 20 OK\r\n\r\n', 'malformed reply: its first line is not an HTTP/1 status line'],
    ['HTTP/1.1 099 OK\r\n\r\n', 'malformed reply: its first line is not an HTTP/1 status line'],
    ['HTTP/1.1 200 O\x00K\r\n\r\n', 'malformed reply: its first line is not an HTTP/1 status line'],
    ['HTTP/1.1 200 OK\n\n', 'malformed reply: a line ends without a carriage return'],
    [`${ok}no colon\r\n\r\n`, 'malformed reply: a header line has no colon'],
    [`${ok}A: b\r\n folded\r\n\r\n`, 'malformed reply: a header line is folded'],
    [`${ok}A : b\r\n\r\n`, 'malformed reply: a header name holds a character that is not allowed'],
    [`${ok}: b\r\n\r\n`, 'malformed reply: a header name holds a character that is not allowed'],
    [`${ok}A: b\rc\r\n\r\n`, 'malformed reply: a header value holds a control character'],
    [`${ok}Content-Length: +5\r\n\r\nhello`, 'malformed reply: its Content-Length is not a number'],
    [`${ok}Content-Length:\r\n\r\n`, 'malformed reply: its Content-Length is not a number'],
    [`${ok}Content-Length: 5, 6\r\n\r\n`, 'malformed reply: it has several Content-Length values'],
    [
      `${ok}Content-Length: 5\r\nContent-Length: 6\r\n\r\n`,
      'malformed reply: it has several Content-Length values',
    ],
    [
      `${ok}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n`,
      'malformed reply: it has both Content-Length and Transfer-Encoding',
    ],
    [
      `${ok}Transfer-Encoding: gzip, chunked\r\n\r\n`,
      'malformed reply: its Transfer-Encoding is not chunked',
    ],
    [
      'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n',
      'malformed reply: it is HTTP/1.0 with Transfer-Encoding',
    ],
    [`${CHUNKED}xyz\r\n`, 'malformed reply: a chunk size is not a hexadecimal number'],
    [`${CHUNKED}-5\r\n`, 'malformed reply: a chunk size is not a hexadecimal number'],
    [`${CHUNKED}2\r\nhe\n`, 'malformed reply: a line ends without a carriage return'],
    [`${CHUNKED}2\r\nhello\r\n`, 'malformed reply: a chunk is longer than its size says'],
    [`${CHUNKED}1;${'x'.repeat(2_000)}`, 'malformed reply: a chunk line is longer than 1024 bytes'],
    [`${CHUNKED}0\r\n${'A: b\r\n'.repeat(2_000)}`, 'malformed reply: its trailer is longer than 8192 bytes'],
    [`${CHUNKED}0\r\nnonsense\r\n\r\n`, 'malformed reply: a header line has no colon'],
    [`${ok}${'A: b\r\n'.repeat(201)}`, 'malformed reply: it has more than 200 header lines'],
    [
      `${ok}A: ${'x'.repeat(MAX_HEAD_BYTES)}`,
      `malformed reply: its head is longer than ${MAX_HEAD_BYTES} bytes`,
    ],
    [
      'HTTP/1.1 100 Continue\r\n\r\n'.repeat(2_000),
      `malformed reply: its head is longer than ${MAX_HEAD_BYTES} bytes`,
    ],
  ])('%j', (bytes, detail) => {
    expect(read(bytes)).toEqual({ kind: 'malformed', detail })
  })
})

const token = fc.stringMatching(/^[A-Za-z0-9-]{1,12}$/)
const fieldValue = fc.stringMatching(/^[\x21-\x7e]([\x20-\x7e]{0,20}[\x21-\x7e])?$/)
const bodyBytes = fc.uint8Array({ maxLength: MAX - 1 })
const splits = fc.array(fc.nat(4_000), { maxLength: 12 })

interface Generated {
  readonly bytes: Buffer
  readonly status: number
  readonly body: Uint8Array
}

const wellFormed: fc.Arbitrary<Generated> = fc
  .record({
    status: fc.integer({ min: 200, max: 599 }).filter((status) => status !== 204 && status !== 304),
    fields: fc.array(
      fc.tuple(
        token.map((name) => `x-${name}`),
        fieldValue,
      ),
      { maxLength: 5 },
    ),
    framing: fc.constantFrom('length', 'chunked', 'close'),
    interim: fc.boolean(),
    body: bodyBytes,
    pieces: fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 8 }),
  })
  .map(({ status, fields, framing, interim, body, pieces }) => {
    const head = [
      ...(interim ? ['HTTP/1.1 103 Early Hints', 'Link: </a>', ''] : []),
      `HTTP/1.1 ${status} Reason`,
      ...fields.map(([name, value]) => `${name}: ${value}`),
      ...(framing === 'length' ? [`Content-Length: ${body.length}`] : []),
      ...(framing === 'chunked' ? ['Transfer-Encoding: chunked'] : []),
      '',
      '',
    ].join('\r\n')
    const payload = framing === 'chunked' ? chunked(Buffer.from(body), pieces) : Buffer.from(body)
    return { bytes: Buffer.concat([Buffer.from(head), payload]), status, body }
  })

function chunked(body: Buffer, sizes: readonly number[]): Buffer {
  const parts: Buffer[] = []
  let at = 0
  const add = (size: number) => {
    const piece = body.subarray(at, at + size)
    at += size
    if (piece.length > 0)
      parts.push(Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n'))
  }
  for (const size of sizes) add(size)
  add(body.length)
  return Buffer.concat([...parts, Buffer.from('0\r\n\r\n')])
}

describe('for any bytes', () => {
  it('gives back what was written, however it was split', () => {
    fc.assert(
      fc.property(wellFormed, splits, ({ bytes, status, body }, at) => {
        const outcome = read(bytes, { splits: at })
        expect(outcome).toMatchObject({ kind: 'response', response: { status, isTruncated: false } })
        if (outcome.kind === 'response') expect(outcome.response.body.equals(body)).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  it('comes to the same outcome for every split of a damaged reply', () => {
    const damage = fc.array(fc.tuple(fc.nat(400), fc.integer({ min: 0, max: 255 })), {
      minLength: 1,
      maxLength: 3,
    })
    fc.assert(
      fc.property(wellFormed, damage, splits, ({ bytes }, edits, at) => {
        const damaged = Buffer.from(bytes)
        for (const [place, value] of edits) damaged[place % damaged.length] = value
        expect(read(damaged, { splits: at })).toEqual(read(damaged))
      }),
      { numRuns: 1_000 },
    )
  })

  it('ends with a sentence or a response for random bytes', () => {
    const start = fc.constantFrom('', 'HTTP/1.1 200 OK\r\n', CHUNKED, 'HTTP/1.1 200 OK\r\nContent-Length: ')
    fc.assert(
      fc.property(start, fc.uint8Array({ maxLength: 300 }), splits, (head, tail, at) => {
        const bytes = Buffer.concat([Buffer.from(head), tail])
        const outcome = read(bytes, { splits: at })
        expect(outcome).toEqual(read(bytes))
        if (outcome.kind === 'malformed') expect(outcome.detail).toMatch(/^[\x20-\x7e]{10,120}$/)
        else expect(outcome.kind).toBe('response')
      }),
      { numRuns: 1_000 },
    )
  })
})
