/** What somebody is told who is not signed in: what happened, and what mends it. */
import type { Away, Refusal, Reply } from '../api/call.ts'

export interface Notice {
  readonly tone: 'plain' | 'bad'
  readonly text: string
  /** '' where nothing needs to be done. */
  readonly mend: string
}

const ADMIN = 'an admin of Fairlead'

/** Of a login that the control did not take, at that origin: its sentence says what is wrong. */
export function noticeOfLogin(failure: Refusal | Away, origin: string): Notice {
  if (failure.kind === 'away')
    return bad(`You are not signed in: ${failure.reason}.`, 'Try again in a moment.')
  const { problem, sentence, retryAfterSec } = failure
  const text = `${sentenceCase(sentence)}.`
  if (problem === 'no-role')
    return bad(
      `You have no role here: ${sentence}.`,
      `Ask for one of the groups that have a role, or ask ${ADMIN} to map one of yours: 'mappings' in the file of oidcFile.`,
    )
  if (problem === 'too-many-attempts') return bad(text, `Try again in ${retryAfterSec ?? 60} seconds.`)
  if (problem === 'identity-provider')
    return bad(text, 'Try again when it answers; a token can be used meanwhile.')
  if (/another address/.test(sentence))
    return bad(text, `This page is at ${origin}: open the console at an address that the control knows.`)
  if (/expired|too long ago|'nbf'|'iat'/.test(sentence))
    return bad(text, 'Sign in again. If it stays so, compare the clocks of the provider and of this control.')
  return bad(text, `Sign in again. If it stays so, show this to ${ADMIN}.`)
}

/** Of a token that somebody gave. */
export function noticeOfToken(failure: Refusal | Away): Notice {
  if (failure.kind === 'away')
    return bad(`You are not signed in: ${failure.reason}.`, 'Try again in a moment.')
  if (failure.status === 429)
    return bad(
      'Too many attempts without a valid token.',
      `Try again in ${failure.retryAfterSec ?? 60} seconds.`,
    )
  if (failure.status === 401)
    return bad(
      'This control takes no such token.',
      "Look whether all of it was copied, and whether it has ended or was revoked: 'fairlead token list'.",
    )
  return bad(`${sentenceCase(failure.sentence)}.`, `Try again; if it stays so, show this to ${ADMIN}.`)
}

/** Of the token of a login, which the tab has forgotten in any case. */
export function noticeOfSignOut(reply: Reply<unknown>): Notice {
  if (reply.kind === 'ok' || (reply.kind === 'refused' && reply.status === 401))
    return { tone: 'plain', text: 'You are signed out; your token is revoked.', mend: '' }
  const why = reply.kind === 'away' ? reply.reason : `the control says '${reply.sentence}'`
  return bad(
    `This tab has forgotten your token, but it could not be revoked: ${why}.`,
    "It is good until it ends; 'fairlead token list' and 'fairlead token revoke' end it sooner.",
  )
}

export function bad(text: string, mend: string): Notice {
  return { tone: 'bad', text, mend }
}

function sentenceCase(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
