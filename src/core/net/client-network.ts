/** What one client may have of the network: an IPv4 address, the /64 of an IPv6 address. Text that is no address is itself. */
import ipaddr from 'ipaddr.js'
import { networkOf } from './prefix.ts'

export function clientNetwork(text: string): string {
  if (!ipaddr.isValid(text)) return text
  // IPv4 in IPv6 form, as a socket for both gives it, is IPv4.
  const address = ipaddr.process(text)
  return address instanceof ipaddr.IPv4 ? address.toString() : `${networkOf(address.toString(), 64)}/64`
}
