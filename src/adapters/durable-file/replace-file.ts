/**
 * Replaces a file as a whole: after a crash or a loss of power the old one or the new one is there, never a part (written
 * beside, synced, renamed, and the folder synced).
 */
import { open, rename } from 'node:fs/promises'
import { dirname } from 'node:path'

export async function replaceFile(path: string, text: string): Promise<void> {
  const temporary = `${path}.new`
  const file = await open(temporary, 'w', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(temporary, path)
  const folder = await open(dirname(path), 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
