import { lchownSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { isOurs } from './is-ours.ts'

it('believes no link, nothing of another user, and nothing that is not there', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-ours-'))
  try {
    expect(isOurs(folder)).toBe(true)
    symlinkSync(folder, join(folder, 'link'))
    expect([isOurs(join(folder, 'link')), isOurs(join(folder, 'nothing'))]).toEqual([false, false])
    const isRoot = process.getuid?.() === 0
    if (isRoot) lchownSync(folder, 65_534, 65_534)
    expect(isOurs(isRoot ? folder : '/')).toBe(false)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
