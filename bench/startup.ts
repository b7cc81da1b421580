/**
 * From `npm start` on an installed tree to the first correct DNS answer, as a person would meet it, and what the idle process
 * then weighs. Each round starts on an empty data directory, so that nothing is answered from an earlier run.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { askDns } from '../src/adapters/dns-client/ask-dns.ts'
import { freePort } from '../src/adapters/probes/testing/free-port.ts'
import type { Bench } from './bench.ts'
import { quantile } from './quantile.ts'

const ROUNDS = 3
const IDLE_MS = 10_000
const GIVE_UP_MS = 60_000

export const startup: Bench = {
  name: 'startup',
  summary: 'npm start to the first correct DNS answer on an empty data directory, and the idle process',
  aims: [
    { metric: 'firstAnswerMs', op: '<=', bound: 5_000 },
    { metric: 'idleRssMb', op: '<=', bound: 150 },
  ],
  run: async (progress) => {
    await runOnce('warm-up (builds)', progress, false)
    const rounds: { firstAnswerMs: number; idleRssMb: number }[] = []
    for (let round = 1; round <= ROUNDS; round += 1)
      rounds.push(await runOnce(`round ${round} of ${ROUNDS}`, progress, true))
    return {
      firstAnswerMs: quantile(
        rounds.map((round) => round.firstAnswerMs),
        0.5,
      ),
      idleRssMb: quantile(
        rounds.map((round) => round.idleRssMb),
        0.5,
      ),
    }
  },
}

async function runOnce(label: string, progress: (line: string) => void, idle: boolean) {
  const dataDir = await mkdtemp(join(tmpdir(), 'fairlead-bench-'))
  const [dnsPort, apiPort] = [await freePort(), await freePort()]
  const startedAt = performance.now()
  const flags = ['--data-dir', dataDir, '--dns-port', String(dnsPort), '--api', `127.0.0.1:${apiPort}`]
  const child = spawn('npm', ['start', '--', ...flags], { stdio: 'ignore', detached: true })
  try {
    await firstAnswer(child, dnsPort)
    const firstAnswerMs = Math.round(performance.now() - startedAt)
    progress(`${label}: first answer after ${firstAnswerMs} ms`)
    if (!idle) return { firstAnswerMs, idleRssMb: 0 }
    await delay(IDLE_MS)
    const idleRssMb = await residentMb(child.pid!)
    progress(`${label}: ${idleRssMb} MB resident after ${IDLE_MS / 1_000} s`)
    return { firstAnswerMs, idleRssMb }
  } finally {
    await end(child)
    await rm(dataDir, { recursive: true, force: true })
  }
}

/** Correct is what the quickstart promises for www: the endpoints of its first tier, and nothing else. */
async function firstAnswer(child: ChildProcess, port: number): Promise<void> {
  const deadline = performance.now() + GIVE_UP_MS
  while (performance.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`npm start ended with ${child.exitCode}`)
    const answer = await askDns({ address: '127.0.0.1', port }, { name: 'www.example.test', type: 'A' }, 200)
    if (answer.kind === 'answer' && answer.rcode === 'NOERROR' && answer.values.length > 0) return
    await delay(10)
  }
  throw new Error(`no answer within ${GIVE_UP_MS} ms`)
}

/** The node process that runs the bundled program, among the descendants of `npm start`. */
async function residentMb(root: number): Promise<number> {
  const processes = await Promise.all(
    (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry)).map((entry) => describe(Number(entry))),
  )
  const byParent = Map.groupBy(
    processes.filter((one) => one !== null),
    (one) => one.parent,
  )
  const queue = [root]
  for (let pid = queue.shift(); pid !== undefined; pid = queue.shift())
    for (const one of byParent.get(pid) ?? []) {
      if (/node\S*\0.*fairlead\.mjs\0up/.test(one.command)) return Math.round(one.rssKb / 1_024)
      queue.push(one.pid)
    }
  throw new Error('the fairlead process was not found below npm start')
}

async function describe(pid: number) {
  try {
    const [status, command] = await Promise.all([
      readFile(`/proc/${pid}/status`, 'utf8'),
      readFile(`/proc/${pid}/cmdline`, 'utf8'),
    ])
    const field = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0)
    return { pid, parent: field('PPid'), rssKb: field('VmRSS'), command }
  } catch {
    return null // it ended while we looked
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  const exited = new Promise((resolve) => child.once('exit', resolve))
  process.kill(-child.pid!, 'SIGINT')
  await exited
}
