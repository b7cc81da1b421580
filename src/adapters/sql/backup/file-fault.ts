/** What the file system refused, in a sentence: the place, what is the matter with it, and the mend. */
import { CommandError, EXIT } from '../../../core/exit-code.ts'

const SENTENCES: Readonly<Record<string, string>> = {
  ENOENT: 'it, or the folder that it is to be in, is not there: look at the path',
  EEXIST: 'it is there already, and nothing is written over: name another file, or move that one away',
  EACCES: 'this user may not read or write it: use another user, or change its permissions',
  EPERM: 'this user may not read or write it: use another user, or change its permissions',
  EISDIR: 'it is a folder: name a file',
  ENOTDIR: 'a part of its path is no folder: look at the path',
  ENOSPC: 'no room is left on its disk: make room, and try again',
  EDQUOT: 'no room is left for this user: make room, and try again',
  EROFS: 'its file system takes no writes: name a place on another one',
  EIO: 'its disk failed: look at the log of the system',
}

/** null: the error is none of the file system. Without a path it is the one that the error names. */
export function fileFault(error: unknown, path?: string): CommandError | null {
  if (!(error instanceof Error) || !('syscall' in error) || !('code' in error)) return null
  const why = SENTENCES[String(error.code)] ?? error.message
  const place = path ?? ('dest' in error ? String(error.dest) : 'path' in error ? String(error.path) : '')
  return new CommandError(EXIT.fileAccess, `cannot use the file ${place}: ${why}`, { cause: error })
}
