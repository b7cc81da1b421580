/**
 * A file that is there as a whole, or not at all: it is made under a name of its own, and takes the wanted one when it is finished.
 * What must stay true: two that make the same file never write into one another's, and only the first to finish has the name; what
 * is there is never written over; what fails is said as it was, whatever the cleaning up runs into.
 */
import { randomBytes } from 'node:crypto'
import { link, rm } from 'node:fs/promises'

/** Beside a file of SQLite while it is open, and after a crash. */
const SIDES = ['', '-wal', '-shm'] as const

/** `make` leaves a finished, closed file at the path that it is given. Throws 'EEXIST' when the wanted name is taken. */
export async function intoNewFile<T>(path: string, make: (unfinished: string) => Promise<T>): Promise<T> {
  const unfinished = `${path}.${randomBytes(6).toString('hex')}.unfinished`
  try {
    const made = await make(unfinished)
    // Fails when somebody has made it meanwhile, which a rename would not.
    await link(unfinished, path)
    return made
  } finally {
    for (const side of SIDES) await rm(`${unfinished}${side}`, { force: true }).catch(() => undefined)
  }
}
