import { execFile, spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const CHILD = fileURLToPath(new URL('full-disk.ts', import.meta.url))
/** A mount that only the child sees; --map-root-user gives it to those who are not root, where the kernel lets them. */
const NAMESPACE = ['--map-root-user', '--mount']

/** Containers often forbid it. The same rule is then held by the page-limit test of sqlite-store.test.ts alone. */
const mayMount = spawnSync('unshare', [...NAMESPACE, 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0

it.runIf(mayMount)(
  'SQLite: on a full disk a commit fails as disk-full, the store stays as it was, and works again with room',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'fairlead-full-'))
    try {
      const { stdout } = await promisify(execFile)('unshare', [
        ...NAMESPACE,
        'sh',
        '-c',
        'mount -t tmpfs -o size=1m none "$1" && exec "$2" "$3" "$1"',
        'sh',
        folder,
        process.execPath,
        CHILD,
      ])
      const report = JSON.parse(stdout) as { readonly full: { readonly head: number } }
      const { head } = report.full
      expect(report).toEqual({
        openOnFull: 'disk-full',
        full: { failure: 'disk-full', head, headAfter: head, loaded: head },
        again: 'disk-full',
        withRoom: 'done',
        reopened: { head: head + 1, whole: true },
      })
    } finally {
      await rm(folder, { recursive: true })
    }
  },
)
