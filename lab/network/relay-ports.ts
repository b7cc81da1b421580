/** Where the relay of slow links and the programs that hold their devices find each other. Pure. */
export const LOOPBACK = '127.0.0.1'

/** Of the relay, for each end of a link. */
export function relayPort(link: number, end: 0 | 1): number {
  return 10_000 + 2 * link + end
}

/** Of the program that holds the device there. */
export function peerPort(port: number): number {
  return port + 1_000
}
