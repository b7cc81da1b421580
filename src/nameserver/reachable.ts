/** An address on which this machine itself reaches a server that listens on `address`. */
export function reachable(address: string): string {
  if (address === '0.0.0.0') return '127.0.0.1'
  return address === '::' ? '::1' : address
}
