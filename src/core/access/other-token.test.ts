import { expect, it } from 'vitest'
import { otherToken } from './other-token.ts'

it('takes what an ID token of a login has', () => {
  for (const more of [{}, { typ: 'ID' }, { token_use: 'id' }, { azp: 'fairlead', sid: 's', at_hash: 'h' }])
    expect(otherToken({ nonce: 'n', ...more })).toBeNull()
})

it.each([
  ['typ', 'Bearer'],
  ['typ', ['ID']],
  ['events', {}],
  ['token_use', 'access'],
  ['scope', 'openid'],
  ['scp', []],
])('refuses the claim %s %j', (claim, value) => {
  expect(otherToken({ nonce: 'n', [claim]: value })).toBe(`this is no ID token, by its claim '${claim}'`)
})
