/**
 * Replaces a file as a whole, readable by its owner only.
 * What must stay true: whenever the power fails, the old content or the new one is there, never a part (written beside,
 * synced, renamed), and once this resolves it is the new one (the folder, which holds the name, is synced too).
 */
import { open, rename } from 'node:fs/promises'
import { dirname } from 'node:path'

/** The loop turns between the parts of `text`. Rejects with what the file system says; the old file stands then. */
export async function replaceFile(path: string, text: string | Iterable<string>): Promise<void> {
  const temporary = `${path}.new`
  const file = await open(temporary, 'w', 0o600)
  try {
    // One that an earlier try left keeps its permissions otherwise.
    await file.chmod(0o600)
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
