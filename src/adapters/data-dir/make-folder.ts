/**
 * Makes a folder and those above it, for its user alone. Not mkdir of node with `recursive`: where the kernel lets nobody make anything,
 * such as below /proc, that one tries for ever.
 */
import { existsSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'

/** `path`: absolute. True where it was made by this call. Throws what the file system throws. */
export function makeFolder(path: string): boolean {
  if (existsSync(path)) return false
  const parent = dirname(path)
  if (parent !== path) makeFolder(parent)
  try {
    mkdirSync(path, { mode: 0o700 })
    return true
  } catch (error) {
    // Somebody else was faster.
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
}
