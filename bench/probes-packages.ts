/**
 * The rivals' Debian packages. What is missing is installed by apt-get when the bench runs as root.
 * What must stay true: no service of theirs runs or is enabled because of us, and one that was here before is left alone.
 */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, rm, writeFile } from 'node:fs/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Package to program. */
const PACKAGES = { haproxy: 'haproxy', 'prometheus-blackbox-exporter': 'prometheus-blackbox-exporter' }
const POLICY = '/usr/sbin/policy-rc.d'
const POLICY_TEXT = `#!/bin/sh
# Written by Fairlead's probes bench, for as long as it installs packages: their services are not to be started.
case "$1" in ${Object.keys(PACKAGES).join('|')}) exit 101 ;; esac
exit 0
`

/** Throws one sentence when a program is missing and cannot be installed. */
export async function ensureRivals(progress: (line: string) => void): Promise<void> {
  const missing: string[] = []
  for (const [name, program] of Object.entries(PACKAGES)) if (!(await runs(program))) missing.push(name)
  if (missing.length === 0) return
  const names = missing.join(' ')
  if (process.getuid?.() !== 0)
    throw new Error(`these Debian packages are missing: ${names}. Install them, or run the bench as root`)
  progress(`installing the Debian packages ${names}; their services will be neither started nor enabled`)
  const wrotePolicy = await forbidStart()
  try {
    await aptGet('update')
    await aptGet('install', '--no-install-recommends', ...missing)
  } finally {
    if (wrotePolicy) await rm(POLICY)
  }
  for (const name of missing) await disable(name)
}

async function runs(program: string): Promise<boolean> {
  try {
    await run(program, [program === 'haproxy' ? '-v' : '--version'])
    return true
  } catch (error) {
    if (!isMissing(error)) throw error
    return false
  }
}

/** False: there is a policy already, which is somebody else's; what it lets start is stopped afterwards. */
async function forbidStart(): Promise<boolean> {
  try {
    await writeFile(POLICY, POLICY_TEXT, { flag: 'wx' })
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
