import { expect, it } from 'vitest'
import { clientNetwork } from './client-network.ts'

it('is the address, or the /64 of an IPv6 address, however it is written', () => {
  expect(clientNetwork('192.0.2.7')).toBe('192.0.2.7')
  expect(clientNetwork('::ffff:192.0.2.7')).toBe('192.0.2.7')
  const same = ['2001:db8:1:2:3:4:5:6', '2001:DB8:1:2::', '2001:0db8:1:2:0:0:0:1', '2001:db8:1:2::1%eth0']
  expect(new Set(same.map(clientNetwork))).toEqual(new Set(['2001:db8:1:2::/64']))
  expect(clientNetwork('::1')).toBe('::/64')
  for (const text of ['', 'local', '1.2.3.4.5']) expect(clientNetwork(text)).toBe(text)
})
