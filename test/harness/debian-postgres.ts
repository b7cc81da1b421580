/**
 * PostgreSQL as Debian's packages bring it: where its programs are, and its user, as which they run where the tests are root's.
 * What must stay true: a server never runs as root (PostgreSQL refuses to), and its folder is its user's.
 */
import { execFile } from 'node:child_process'
import { chownSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const ROOT = '/usr/lib/postgresql'

export const debianPostgres = {
  /** Of the newest version that is installed. */
  binFolder(): string {
    const version = readdirSync(ROOT).sort((a, b) => Number(b) - Number(a))[0] ?? ''
    return join(ROOT, version, 'bin')
  },

  /** Program and arguments as they are to be spawned. */
  asServerUser(program: string, args: readonly string[]): [string, string[]] {
    if (process.getuid?.() !== 0) return [program, [...args]]
    return ['setpriv', ['--reuid=postgres', '--regid=postgres', '--clear-groups', program, ...args]]
  },

  /** A new temporary folder of the server's user. */
  async folder(prefix: string, parent = tmpdir()): Promise<string> {
    const folder = mkdtempSync(join(parent, prefix))
    await giveToServer(folder)
    return folder
  },

  /** A file that only the server's user reads. */
  async secretFile(path: string, content: Buffer): Promise<void> {
    writeFileSync(path, content, { mode: 0o600 })
    await giveToServer(path)
  },
}

async function giveToServer(path: string): Promise<void> {
  if (process.getuid?.() !== 0) return
  const ids = await Promise.all(['-u', '-g'].map((which) => run('id', [which, 'postgres'])))
  const [user, group] = ids.map(({ stdout }) => Number(stdout))
  chownSync(path, user!, group!)
}
