/** A fault of a request on its way to the edge, where it becomes an RFC 9457 problem. */
import type { BrokenRule } from '../core/change/broken-rules.ts'
import type { Fault } from '../core/model/fault.ts'
import type { Problem } from '../core/views/problem.ts'

/** Kinds of problems: `type` is urn:fairlead:problem:<kind>. Part of the interface. */
export const PROBLEMS = {
  'malformed-request': { status: 400, title: 'The request is malformed' },
  unauthorized: { status: 401, title: 'A valid token is needed' },
  'login-refused': { status: 401, title: 'The ID token is not accepted' },
  forbidden: { status: 403, title: 'This token is not for that' },
  'no-role': { status: 403, title: 'Nobody of these groups has a role here' },
  'not-found': { status: 404, title: 'There is nothing here' },
  'method-not-allowed': { status: 405, title: 'This method is not for this resource' },
  'request-timeout': { status: 408, title: 'The request took too long to arrive' },
  'breaks-rules': { status: 409, title: 'A safety rule forbids this' },
  'leaves-nothing': { status: 409, title: 'Nothing would be left to answer with' },
  referred: { status: 409, title: 'Something else refers to this' },
  'refused-step': { status: 409, title: 'This step cannot be taken now' },
  'too-early': { status: 409, title: 'This step cannot be taken yet' },
  'precondition-failed': { status: 412, title: 'The resource has changed' },
  'body-too-large': { status: 413, title: 'The body is too large' },
  'url-too-long': { status: 414, title: 'The address is too long' },
  'unsupported-media-type': { status: 415, title: 'This media type is not understood' },
  invalid: { status: 422, title: 'The request is not valid' },
  'too-many-attempts': { status: 429, title: 'Too many attempts without a valid token: wait' },
  'headers-too-large': { status: 431, title: 'The headers are too large' },
  internal: { status: 500, title: 'This is a defect of Fairlead' },
  'identity-provider': { status: 503, title: 'The identity provider cannot be asked' },
  'not-ready': { status: 503, title: 'Not ready' },
  overloaded: { status: 503, title: 'Too many at once' },
  storage: { status: 503, title: 'The store cannot be used' },
  'storage-full': { status: 507, title: 'The disk of the store is full' },
} as const satisfies Record<string, { status: number; title: string }>

export type ProblemKind = keyof typeof PROBLEMS

/** Of a request with more faults only so many are listed, and how many more there are. */
const MAX_FAULTS = 1_000

export interface ProblemDetails {
  readonly detail?: string
  readonly faults?: readonly Fault[]
  readonly referrers?: readonly { readonly kind: string; readonly name: string }[]
  readonly loadBalancers?: readonly string[]
  readonly rules?: readonly BrokenRule[]
  /** Seconds, from 1. */
  readonly retryAfterSec?: number
  readonly cause?: unknown
}

export class ProblemError extends Error {
  readonly kind: ProblemKind
  readonly details: ProblemDetails

  constructor(kind: ProblemKind, details: ProblemDetails = {}) {
    super(details.detail ?? PROBLEMS[kind].title, { cause: details.cause })
    this.name = 'ProblemError'
    this.kind = kind
    this.details = details
  }
}

export function problemOf(kind: ProblemKind, details: ProblemDetails, instance: string | undefined): Problem {
  const { status, title } = PROBLEMS[kind]
  const { detail, faults, referrers, loadBalancers, rules } = details
  return {
    type: `urn:fairlead:problem:${kind}`,
    title,
    status,
    ...(detail !== undefined && { detail }),
    ...(instance !== undefined && { instance }),
    ...(faults !== undefined && { faults: bounded(faults) }),
    ...(referrers !== undefined && { referrers: [...referrers] }),
    ...(loadBalancers !== undefined && { loadBalancers: [...loadBalancers] }),
    ...(rules !== undefined && { rules: [...rules] }),
  }
}

function bounded(faults: readonly Fault[]): { pointer: string; message: string }[] {
  const listed = faults.slice(0, MAX_FAULTS).map(({ pointer, message }) => ({ pointer, message }))
  const more = faults.length - listed.length
  return more === 0 ? listed : [...listed, { pointer: '', message: `and ${more} more faults` }]
}
