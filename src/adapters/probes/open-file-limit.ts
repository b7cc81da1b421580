/**
 * How many files and sockets this process may have open: the soft limit, which Node raises to the hard one at its start
 * (getrlimit(2), RLIMIT_NOFILE; Linux shows it in /proc). 1,024 where nothing says it.
 */
import { readFileSync } from 'node:fs'

const COMMON = 1_024

export function openFileLimit(limits = readLimits()): number {
  const match = /^Max open files\s+(\d+|unlimited)/m.exec(limits)
  if (match === null) return COMMON
  return match[1] === 'unlimited' ? Infinity : Number(match[1])
}

function readLimits(): string {
  try {
    return readFileSync('/proc/self/limits', 'latin1')
  } catch {
    return ''
  }
}
