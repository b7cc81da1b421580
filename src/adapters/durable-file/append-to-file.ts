/**
 * Adds to the end of a file that is there.
 * What must stay true: once this resolves it survives a loss of power; after a failure any part of it may be there.
 */
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'

/** Rejects with what the file system says. */
export async function appendToFile(path: string, text: string): Promise<void> {
  const file = await open(path, constants.O_WRONLY | constants.O_APPEND)
  try {
    await file.writeFile(text)
    await file.datasync()
  } finally {
    await file.close()
  }
}
