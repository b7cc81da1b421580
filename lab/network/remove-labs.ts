/**
 * Removes labs: every process in their namespaces, the namespaces, the folder. What must stay true: nothing else is touched, and
 * a lab whose owner lives is only removed by its owner.
 */
import { globSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { releaseSharedMemory } from '../../test/harness/shared-memory.ts'
import { removeFaketimeMemory } from './faketime-memory.ts'
import { isOurs } from './is-ours.ts'
import { labId } from './lab-id.ts'
import { runTool } from './run-tool.ts'

const GONE_WITHIN_MS = 5_000
const QUIT_WITHIN_MS = 3_000

export async function removeLab(id: string): Promise<void> {
  const namespaces = namespacesOf(id)
  // An immediate shutdown: it gives back the memory that it shares, which the machine would keep for ever.
  for (const pid of namespaces.flatMap(processesIn).filter(isPostmaster)) kill(pid, 'SIGQUIT')
  const quitUntilMs = performance.now() + QUIT_WITHIN_MS
  while (performance.now() < quitUntilMs && namespaces.flatMap(processesIn).some(isPostmaster))
    await delay(20)
  const deadlineMs = performance.now() + GONE_WITHIN_MS
  for (;;) {
    const pids = namespaces.flatMap(processesIn)
    for (const pid of pids) {
      kill(pid, 'SIGKILL')
      removeFaketimeMemory(pid)
    }
    if (pids.length === 0 || performance.now() > deadlineMs) break
    await delay(20)
  }
  for (const namespace of namespaces) deleteNamespace(namespace)
  const folder = labId.folder(id)
  for (const file of globSync('**/postmaster.pid', { cwd: folder }))
    await releaseSharedMemory(join(folder, dirname(file)))
  rmSync(folder, { recursive: true, force: true })
}

/** Those whose owner is dead; tells their ids. */
export async function removeStaleLabs(): Promise<string[]> {
  const stale = [...labs()].filter((id) => !labId.isAlive(id))
  for (const id of stale) await removeLab(id)
  return stale
}

/** The ids of all labs of this machine that left a namespace or a folder. */
export function labs(): Set<string> {
  const folders = readdirSync(tmpdir()).filter((name) => labId.of(name) !== null)
  const names = [...namespacesOf(null), ...folders.filter((name) => isOurs(join(tmpdir(), name)))]
  return new Set(names.map((name) => labId.of(name)).filter((id) => id !== null))
}

function namespacesOf(id: string | null): string[] {
  const names = runTool('ip', ['netns', 'list'])
    .split('\n')
    .map((line) => line.split(' ')[0] ?? '')
  return names.filter((name) => (id === null ? labId.of(name) !== null : labId.of(name) === id))
}

function processesIn(namespace: string): number[] {
  try {
    return runTool('ip', ['netns', 'pids', namespace]).split('\n').filter(Boolean).map(Number)
  } catch {
    // Two may remove the same one: its owner, and the one that watches over its owner.
    return []
  }
}

function isPostmaster(pid: number): boolean {
  try {
    const [name, status] = ['comm', 'status'].map((file) => readFileSync(`/proc/${pid}/${file}`, 'utf8'))
    const [, parent = ''] = /^PPid:\s+(\d+)$/m.exec(status ?? '') ?? []
    return name?.trim() === 'postgres' && readFileSync(`/proc/${parent}/comm`, 'utf8').trim() !== 'postgres'
  } catch {
    return false
  }
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It ended by itself.
  }
}

function deleteNamespace(namespace: string): void {
  try {
    runTool('ip', ['netns', 'delete', namespace])
  } catch (error) {
    if (namespacesOf(labId.of(namespace)).includes(namespace)) throw error
  }
}
