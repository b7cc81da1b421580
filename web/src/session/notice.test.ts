import { expect, it } from 'vitest'
import type { Refusal } from '../api/call.ts'
import { noticeOfLogin, noticeOfSignOut, noticeOfToken } from './notice.ts'

const refused = (problem: string, sentence: string, more: Partial<Refusal> = {}): Refusal => ({
  ...{ kind: 'refused', status: 401, problem, sentence, retryAfterSec: null },
  ...more,
})
const ORIGIN = 'https://control-1.example.test:5380'

it.each([
  [refused('no-role', "bob: the ID token has no claim 'groups'"), "no claim 'groups'", /mappings/],
  [refused('login-refused', 'the ID token has expired'), 'The ID token has expired', /clocks/],
  [
    refused('login-refused', 'the ID token was asked for at another address than …'),
    'another address',
    /control-1/,
  ],
  [refused('login-refused', 'the ID token has been used already'), 'used already', /Sign in again/],
  [refused('too-many-attempts', 'wait', { status: 429, retryAfterSec: 17 }), 'Wait', /17 seconds/],
  [
    refused('identity-provider', 'the identity provider does not answer'),
    'does not answer',
    /token can be used/,
  ],
  [{ kind: 'away', reason: 'the control does not answer' } as const, 'does not answer', /in a moment/],
])('of a login says what happened, and names the mend: %j', (failure, text, mend) => {
  const notice = noticeOfLogin(failure, ORIGIN)
  expect(notice).toMatchObject({ tone: 'bad', text: expect.stringContaining(text) as string })
  expect(notice.mend).toMatch(mend)
})

it('of a token too', () => {
  expect(noticeOfToken(refused('unauthorized', 'A valid token is needed')).mend).toContain(
    'fairlead token list',
  )
  expect(
    noticeOfToken(refused('too-many-attempts', 'wait', { status: 429, retryAfterSec: 9 })).mend,
  ).toContain('9 seconds')
})

it('of signing out says why a token could not be revoked', () => {
  expect(noticeOfSignOut({ kind: 'ok', body: null }).tone).toBe('plain')
  expect(noticeOfSignOut(refused('unauthorized', 'a valid token is needed')).tone).toBe('plain')
  for (const [reply, why] of [
    [
      refused('storage', 'The store cannot be used', { status: 503 }),
      "the control says 'The store cannot be used'",
    ],
    [refused('too-many-attempts', 'wait', { status: 429 }), "the control says 'wait'"],
    [{ kind: 'away', reason: 'the control does not answer' }, 'the control does not answer'],
  ] as const)
    expect(noticeOfSignOut(reply)).toMatchObject({
      tone: 'bad',
      text: `This tab has forgotten your token, but it could not be revoked: ${why}.`,
    })
})
