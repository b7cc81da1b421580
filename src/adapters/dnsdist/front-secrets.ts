/**
 * What Fairlead and its dnsdist know of each other: made once for a data directory, so that a dnsdist that runs is taken over.
 * What must stay true: whenever the power fails, or two processes make them at once, there are whole ones or none; a file that
 * holds none keeps nobody from starting: it is set aside, said aloud, and others are made.
 */
import { randomBytes } from 'node:crypto'
import {
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { CommandError, EXIT } from '../../core/exit-code.ts'

const secretsSchema = z.strictObject({ consoleKey: z.base64().min(1), metricsPassword: z.string().min(16) })

export type FrontSecrets = Readonly<z.output<typeof secretsSchema>>

/** `onDamaged`: told, in words, of a file that was set aside. Throws CommandError. */
export function frontSecrets(folder: string, onDamaged: (message: string) => void): FrontSecrets {
  const path = join(folder, 'secrets.json')
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const found = read(path)
    if (found === 'damaged') {
      const aside = `${path}.damaged`
      renameSync(path, aside)
      onDamaged(
        `the secrets of dnsdist in ${path} were damaged; the file is kept as ${aside}, and others are made: a dnsdist that you run yourself needs its configuration anew (fairlead dnsdist-config)`,
      )
    }
    if (found !== 'none' && found !== 'damaged') return found
    make(path)
    const made = read(path)
    if (typeof made !== 'string') return made
    throw new Error('it changes while it is made')
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new CommandError(EXIT.fileAccess, `cannot use the secrets of dnsdist in ${path}: ${reason}`, {
      cause,
    })
  }
}

function read(path: string): FrontSecrets | 'none' | 'damaged' {
  try {
    const secrets = secretsSchema.safeParse(JSON.parse(readFileSync(path, 'utf8')))
    return secrets.success ? secrets.data : 'damaged'
  } catch (error) {
    if (error instanceof SyntaxError) return 'damaged'
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 'none'
    throw error
  }
}

/** Those that somebody else makes at the same time stand. */
function make(path: string): void {
  const made: FrontSecrets = {
    consoleKey: randomBytes(32).toString('base64'),
    metricsPassword: randomBytes(24).toString('base64url'),
  }
  const unfinished = `${path}.${process.pid}.new`
  writeFileSync(unfinished, `${JSON.stringify(made)}\n`, { mode: 0o600, flush: true })
  try {
    linkSync(unfinished, path)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  } finally {
    rmSync(unfinished, { force: true })
  }
  const folder = openSync(join(path, '..'), 'r')
  fsyncSync(folder)
  closeSync(folder)
}
