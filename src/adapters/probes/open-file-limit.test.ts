import { describe, expect, it } from 'vitest'
import { openFileLimit } from './open-file-limit.ts'

describe('openFileLimit', () => {
  it('is the soft limit of this process', () => {
    expect(openFileLimit()).toBeGreaterThan(255)
  })

  it('reads what Linux writes, and is careful where nothing is said', () => {
    const line = (soft: string) =>
      `Max processes  95  95  processes\nMax open files  ${soft}  524288  files\n`
    expect(openFileLimit(line('65536'))).toBe(65_536)
    expect(openFileLimit(line('unlimited'))).toBe(Infinity)
    expect(openFileLimit('')).toBe(1_024)
  })
})
