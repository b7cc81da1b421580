/** Whether a file or folder is the one of this user, and no link: in a folder for everybody, names say nothing. */
import { lstatSync } from 'node:fs'

export function isOurs(path: string): boolean {
  const stat = lstatSync(path, { throwIfNoEntry: false })
  return stat !== undefined && stat.uid === process.getuid?.() && !stat.isSymbolicLink()
}
