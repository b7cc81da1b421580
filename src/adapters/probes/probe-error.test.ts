import { expect, it } from 'vitest'
import { classifyError, plainText } from './probe-error.ts'

const errorWith = (fields: object, message = 'some message') => Object.assign(new Error(message), fields)

it.each([
  ['ECONNREFUSED', 'failure'],
  ['ECONNRESET', 'failure'],
  ['ECONNABORTED', 'failure'],
  ['EPIPE', 'failure'],
  ['ETIMEDOUT', 'failure'],
  ['EHOSTUNREACH', 'failure'],
  ['ENETUNREACH', 'local-error'],
  ['ENETDOWN', 'local-error'],
  ['EMFILE', 'local-error'],
  ['ENFILE', 'local-error'],
  ['ENOBUFS', 'local-error'],
  ['ENOMEM', 'local-error'],
  ['EADDRNOTAVAIL', 'local-error'],
  ['EADDRINUSE', 'local-error'],
  ['EACCES', 'local-error'],
  ['EPERM', 'local-error'],
  ['EAFNOSUPPORT', 'local-error'],
  ['EINVAL', 'local-error'],
  ['EPROTONOSUPPORT', 'local-error'],
] as const)('%s is a %s, before and after connecting', (code, kind) => {
  for (const isConnected of [false, true])
    expect(classifyError(errorWith({ code }), isConnected).kind).toBe(kind)
})

it("tells this host's network from its resources: without the one nothing can be reached, without the other not tried", () => {
  const codes = ['ENETUNREACH', 'ENETDOWN', 'EACCES', 'EPERM', 'EMFILE', 'ENOBUFS', 'EADDRNOTAVAIL', 'EINVAL']
  const faults = codes.map((code) => classifyError(errorWith({ code }), false))
  expect(codes.filter((_, index) => 'isNetwork' in faults[index]!)).toEqual(codes.slice(0, 4))
})

it('blames the endpoint for the unknown only on a standing connection', () => {
  expect(classifyError(errorWith({ code: 'EWHATEVER' }), true)).toEqual({
    kind: 'failure',
    detail: 'some message',
  })
  expect(classifyError(errorWith({}), false)).toEqual({ kind: 'local-error', detail: 'some message' })
  expect(classifyError('text', true)).toEqual({ kind: 'failure', detail: 'text' })
})

it('gives the reason of an OpenSSL error without the places in its source', () => {
  const fields = { code: 'ERR_SSL_WRONG_VERSION_NUMBER', reason: 'wrong version number' }
  expect(classifyError(errorWith(fields), true).detail).toBe('TLS: wrong version number')
})

it('keeps text from outside on one line of bounded length', () => {
  expect(plainText('a\r\n\u001b[31mb\u0000')).toBe('a [31mb')
  expect(plainText('x'.repeat(1_000))).toHaveLength(200)
})
