import { expect, it } from 'vitest'
import { boundNonce } from '../../adapters/oidc/bound-nonce.ts'
import { LoginBinding } from './login-binding.ts'

const KEY = 'k'.repeat(43)
const binding = (url: string, addresses: readonly string[] = [], deviceWithoutNonce = false) =>
  new LoginBinding({
    rules: { addresses: [...addresses], deviceWithoutNonce },
    nonceOf: boundNonce,
    url: () => url,
  })
const takes = (of: LoginBinding, origin: string, key: string | undefined = KEY) =>
  of.fault({ nonce: boundNonce(KEY, origin) }, key) === null

it('takes what was asked for at one of its addresses, and nothing else', () => {
  const control = binding('https://192.0.2.1:5380', ['https://Control-1.example.test', 'https://x.test:5380'])
  for (const origin of ['https://192.0.2.1:5380', 'https://control-1.example.test', 'https://x.test:5380'])
    expect([origin, takes(control, origin)]).toEqual([origin, true])
  for (const origin of [
    'https://x.test',
    'http://x.test:5380',
    'https://127.0.0.1:5380',
    'https://evil.test',
  ])
    expect([origin, takes(control, origin)]).toEqual([origin, false])
  expect(takes(control, 'https://x.test:5380', 'l'.repeat(43))).toBe(false)
  expect(control.fault({ nonce: boundNonce(KEY, 'https://x.test:5380') }, undefined)).toContain('nonceKey')
  for (const nonce of ['', 5, null, [boundNonce(KEY, 'https://x.test:5380')]])
    expect(control.fault({ nonce }, KEY)).not.toBeNull()
})

it('is known on this machine by each name of it', () => {
  for (const url of ['http://127.0.0.1:5380', 'http://[::1]:5380'])
    for (const name of ['127.0.0.1', 'localhost', '[::1]'])
      expect([url, name, takes(binding(url), `http://${name}:5380`)]).toEqual([url, name, true])
  for (const url of ['https://0.0.0.0:443', 'https://[::]:443'])
    expect([url, takes(binding(url), 'https://localhost')]).toEqual([url, true])
  expect(takes(binding('http://127.0.0.1:5380'), 'http://127.0.0.1:5381')).toBe(false)
})

it('takes none without a nonce, unless the settings say so, and then no other nonce', () => {
  const url = 'https://192.0.2.1:5380'
  expect(binding(url).fault({}, KEY)).toContain('no nonce')
  expect(binding(url, [], true).fault({}, undefined)).toBeNull()
  expect(takes(binding(url, [], true), 'https://evil.test')).toBe(false)
})
