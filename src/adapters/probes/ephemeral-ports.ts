/**
 * Whether the kernel may choose a port for the near end of a connection. Linux says so (ip(7), ip_local_port_range); where
 * nothing says it, every port may be. Read once: who changes the range later restarts the process.
 */
import { readFileSync } from 'node:fs'

const [low, high] = readRange()

export function isEphemeral(port: number): boolean {
  return port >= low && port <= high
}

function readRange(): readonly [number, number] {
  try {
    const text = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'latin1')
    const match = /^(\d+)\s+(\d+)/.exec(text)
    return match === null ? [0, 65_535] : [Number(match[1]), Number(match[2])]
  } catch {
    return [0, 65_535]
  }
}
