/**
 * From the death of an endpoint to the answers without it: Fairlead at one site and at three, gdnsd and PowerDNS's own health
 * checks, all watching the same endpoint at the same interval, time-out and thresholds in the same run, so that each death is one of
 * them all. Half of the deaths are a kill, half a black hole.
 *
 * Peers that confirm a failure (gdnsd) are compared with Fairlead at fall 2; PowerDNS acts on the first failure and cannot do
 * otherwise, so Fairlead at fall 1 stands beside it. Fairlead's times are those of three sites, until all three nameservers
 * answer right; a peer's are those of its one server.
 */
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { setPriority, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Bench, BenchOptions } from './bench.ts'
import { ensurePackages, packageVersions } from './debian-packages.ts'
import { failoverMetrics } from './failover-metrics.ts'
import type { FailoverNote, FailoverOrder } from './failover-run.ts'
import { SYSTEM_NAMES, type Death, type FailoverDetails } from './failover-sample.ts'

const TIMEOUT_SEC = 1
const PRIORITY = -15
const NAMESPACES = ['--net', '--pid', '--fork', '--kill-child', '--mount-proc']

export const failover: Bench = {
  name: 'failover',
  summary:
    'an endpoint killed or black-holed to the answers without it, beside gdnsd and PowerDNS (--kills N)',
  aims: [
    { metric: 'ratioToBestPeer', op: '<=', bound: 0.5 },
    { metric: 'p99RatioToBestPeer', op: '<=', bound: 1 },
  ],
  run: async (progress, { options, keep }) => {
    if (process.getuid?.() !== 0) throw new Error('namespaces are made for this: run the bench as root')
    await ensurePackages(
      [
        { name: 'gdnsd', program: 'gdnsd', versionOption: '--version' },
        { name: 'nftables', program: 'nft', versionOption: '--version' },
        { name: 'pdns-backend-sqlite3', program: 'pdns_server', versionOption: '--version' },
      ],
      progress,
    )
    const folder = await mkdtemp(join(tmpdir(), 'fairlead-failover-'))
    const order = orderOf(options, folder)
    try {
      const deaths = await measure(order, progress)
      const { intervalSec, timeoutSec, killsOfEachKind, seed } = order
      const details = { intervalSec, timeoutSec, killsOfEachKind, seed, deaths } satisfies FailoverDetails
      keep({ details, versions: await packageVersions(['gdnsd', 'pdns-server']) })
      return failoverMetrics(deaths)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  },
}

function orderOf(options: BenchOptions, folder: string): FailoverOrder {
  const { kills = 30, interval = 5, seed = Math.floor(Math.random() * 2 ** 32) } = options
  // gdnsd counts in whole seconds, and its time-out must be below its interval.
  if (interval <= TIMEOUT_SEC) throw new Error(`--interval: more than ${TIMEOUT_SEC} s is needed`)
  return { folder, killsOfEachKind: kills, intervalSec: interval, timeoutSec: TIMEOUT_SEC, seed }
}

async function measure(order: FailoverOrder, progress: (line: string) => void): Promise<readonly Death[]> {
  const { killsOfEachKind, intervalSec, seed } = order
  progress(`${killsOfEachKind} deaths of each kind, an interval of ${intervalSec} s, --seed ${seed}`)
  const command = [process.execPath, join(import.meta.dirname, 'failover-run.ts')]
  // Inherited by every system alike: who else works on this machine is not what is measured.
  setPriority(PRIORITY)
  const child = spawn('unshare', [...NAMESPACES, ...command], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, TMPDIR: order.folder },
  })
  const deaths: Death[] = []
  const { promise, resolve, reject } = Promise.withResolvers<readonly Death[]>()
  child.on('message', (note: FailoverNote) => {
    if (note.kind === 'ready')
      progress(`every nameserver answers with the endpoint; logs are in ${order.folder} meanwhile`)
    else if (note.kind === 'fault') reject(new Error(note.message))
    else if (note.kind === 'done') resolve(deaths)
    else {
      deaths.push(note.death)
      progress(`${deaths.length} of ${2 * killsOfEachKind}, ${lineOf(note.death)}`)
    }
  })
  child.on('error', reject)
  const ended = new Promise<void>((end) => {
    child.on('exit', (code) => {
      reject(new Error(`the failover bench ended with ${String(code)}`))
      end()
    })
  })
  try {
    child.send(order)
    return await promise
  } finally {
    if (child.connected) child.disconnect()
    await ended
  }
}

function lineOf({ kind, failovers }: Death): string {
  return `${kind}: ${SYSTEM_NAMES.map((name) => `${name} ${failovers[name].lastMs}`).join(', ')}`
}
