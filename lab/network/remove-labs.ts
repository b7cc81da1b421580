/**
 * Removes labs: every process in their namespaces, the namespaces, the folder. What must stay true: nothing else is touched, and
 * a lab whose owner lives is only removed by its owner.
 */
import { readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import { labId } from './lab-id.ts'
import { runTool } from './run-tool.ts'

const GONE_WITHIN_MS = 5_000

export async function removeLab(id: string): Promise<void> {
  const namespaces = namespacesOf(id)
  const deadlineMs = performance.now() + GONE_WITHIN_MS
  for (;;) {
    const pids = namespaces.flatMap(processesIn)
    for (const pid of pids) kill(pid)
    if (pids.length === 0 || performance.now() > deadlineMs) break
    await delay(20)
  }
  for (const namespace of namespaces) deleteNamespace(namespace)
  rmSync(labId.folder(id), { recursive: true, force: true })
}

/** Those whose owner is dead; tells their ids. */
export async function removeStaleLabs(): Promise<string[]> {
  const stale = [...labs()].filter((id) => !labId.isAlive(id))
  for (const id of stale) await removeLab(id)
  return stale
}

/** The ids of all labs of this machine that left a namespace or a folder. */
export function labs(): Set<string> {
  const names = [...namespacesOf(null), ...readdirSync(tmpdir())]
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

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
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
