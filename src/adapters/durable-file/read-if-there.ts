/** Text of a file that may not be there yet. */
import { readFile } from 'node:fs/promises'
import { CommandError, EXIT } from '../../core/exit-code.ts'

/** null: it is not there. `what` it holds, in words, is in the CommandError of one that cannot be read: the file system does not say. */
export async function readIfThere(path: string, what: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (!(error instanceof Error)) throw error
    if ('code' in error && error.code === 'ENOENT') return null
    throw new CommandError(EXIT.fileAccess, `cannot read ${what} in ${path}: ${error.message}`, {
      cause: error,
    })
  }
}
