/**
 * JSON bodies, strictly: UTF-8 (RFC 8259 8.1), a place for what is malformed, and no '__proto__' that could reach the
 * prototype of an object on its way through.
 */
import { jsonFaultPosition } from './json-fault-position.ts'
import { ProblemError } from './problem-error.ts'

/** Throws ProblemError 'malformed-request' with the line and column. */
export function parseJsonBody(body: Buffer): unknown {
  const text = decode(body)
  if (text.trim() === '') throw malformed('the body is empty: JSON is expected')
  try {
    const value = JSON.parse(text) as unknown
    if (MAY_HOLD_PROTO.test(text)) JSON.parse(text, refuseProto)
    return value
  } catch (error) {
    if (error instanceof SyntaxError) throw malformed(`the body is not valid JSON: ${placeOf(text)}`)
    throw error
  }
}

/** '__proto__' can also be written with escapes. */
const MAY_HOLD_PROTO = /__proto__|\\u/i

function refuseProto(key: string, value: unknown): unknown {
  if (key === '__proto__') throw malformed("a field cannot be called '__proto__'")
  return value
}

function decode(body: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body)
  } catch (cause) {
    throw new ProblemError('malformed-request', { detail: 'the body is not valid UTF-8', cause })
  }
}

function placeOf(text: string): string {
  const before = text.slice(0, jsonFaultPosition(text))
  const line = before.split('\n').length
  const column = before.length - before.lastIndexOf('\n')
  return `line ${line}, column ${column}`
}

function malformed(detail: string): ProblemError {
  return new ProblemError('malformed-request', { detail })
}
