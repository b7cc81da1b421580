/**
 * Debian packages that a bench compares with. What is missing is installed by apt-get when the bench runs as root.
 * What must stay true: no service of theirs runs or is enabled because of us, and one that was here before is left alone.
 */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, rm, writeFile } from 'node:fs/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

export interface RivalPackage {
  readonly name: string
  readonly program: string
  /** Prints its version and ends. */
  readonly versionOption: string
}

const POLICY = '/usr/sbin/policy-rc.d'

function policyText(names: readonly string[]): string {
  return `#!/bin/sh
# Written by a bench of Fairlead, for as long as it installs packages: their services are not to be started.
case "$1" in ${names.join('|')}) exit 101 ;; esac
exit 0
`
}

/** Throws one sentence when a program is missing and cannot be installed. */
export async function ensurePackages(
  packages: readonly RivalPackage[],
  progress: (line: string) => void,
): Promise<void> {
  const missing: string[] = []
  for (const one of packages) if (!(await runs(one))) missing.push(one.name)
  if (missing.length === 0) return
  const names = missing.join(' ')
  if (process.getuid?.() !== 0)
    throw new Error(`these Debian packages are missing: ${names}. Install them, or run the bench as root`)
  progress(`installing the Debian packages ${names}; their services will be neither started nor enabled`)
  const wrotePolicy = await forbidStart(missing)
  try {
    await aptGet('update')
    await aptGet('install', '--no-install-recommends', ...missing)
  } finally {
    if (wrotePolicy) await rm(POLICY)
  }
  for (const name of missing) await disable(name)
}

/** Of packages that are installed. */
export async function packageVersions(names: readonly string[]): Promise<Record<string, string>> {
  const { stdout } = await run('dpkg-query', ['--show', '--showformat', '${Package} ${Version}\\n', ...names])
  return Object.fromEntries(
    stdout
      .trim()
      .split('\n')
      .map((line) => line.split(' ') as [string, string]),
  )
}

/** Whatever it says of the option: it is there. */
async function runs({ program, versionOption }: RivalPackage): Promise<boolean> {
  try {
    await run(program, [versionOption])
  } catch (error) {
    return !isMissing(error)
  }
  return true
}

/** False: there is a policy already, which is somebody else's; what it lets start is stopped afterwards. */
async function forbidStart(names: readonly string[]): Promise<boolean> {
  try {
    await writeFile(POLICY, policyText(names), { flag: 'wx' })
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
  await chmod(POLICY, 0o755)
  return true
}

async function aptGet(...args: readonly string[]): Promise<void> {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', NEEDRESTART_SUSPEND: '1' }
  await run('apt-get', ['-q', '-y', '-o', 'DPkg::Lock::Timeout=300', ...args], { env, maxBuffer: 2 ** 26 })
}

async function disable(name: string): Promise<void> {
  const unit = `${name}.service`
  try {
    // As sd_booted(3) asks; elsewhere nothing starts units, and there is nobody to be told to stop one.
    const now = existsSync('/run/systemd/system') ? ['--now'] : []
    await run('systemctl', ['disable', '--quiet', ...now, unit])
  } catch (error) {
    // Without systemctl there is nothing that could be enabled.
    if (!isMissing(error)) throw error
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
