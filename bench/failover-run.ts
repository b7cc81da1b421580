/**
 * The failover bench itself, the first process of a network and a process namespace of its own: whatever it starts ends with it,
 * and the black hole is nobody else's. Starts every system on the same endpoint, lets that die over and over, tells each death.
 * What must stay true: before each death every nameserver answers with the endpoint; the moments lie at random phases of the interval.
 */
import { execFile } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { CertificateAuthority } from '../src/adapters/probes/testing/certificates.ts'
import { Random } from '../src/sim/random.ts'
import { EndpointProcess } from '../test/e2e/harness/endpoint-process.ts'
import { MortalEndpoint } from './failover-endpoint.ts'
import { startOneSite, startThreeSites } from './failover-fairlead.ts'
import { startGdnsd, startPowerdns } from './failover-peers.ts'
import type { Death, DeathKind } from './failover-sample.ts'
import { FailoverWatch, type SystemTarget } from './failover-watch.ts'
import { ENDPOINT_PORT, MORTAL, SPARE, type Thresholds } from './failover-world.ts'
import { nowMs } from './propagation-client.ts'

export interface FailoverOrder extends Thresholds {
  /** Of this run alone. */
  readonly folder: string
  readonly killsOfEachKind: number
  readonly seed: number
}
export type FailoverNote =
  | { readonly kind: 'ready' }
  | { readonly kind: 'death'; readonly death: Death }
  | { readonly kind: 'fault'; readonly message: string }
  | { readonly kind: 'done' }

/** After the last of them is right: who goes back to the dead endpoint is seen. */
const HOLD_MS = 1_000
/** Of intervals: several times what the slowest needs. */
const GIVE_UP_INTERVALS = 12
const START_MS = 60_000
/** Whoever started before its peers doubts its own network for a while, and nothing is taken out while nameservers settle. */
const CALM_MS = 20_000

interface Stage {
  readonly mortal: MortalEndpoint
  readonly watch: FailoverWatch
  readonly giveUpMs: number
}

async function run(order: FailoverOrder): Promise<void> {
  await promisify(execFile)('ip', ['link', 'set', 'lo', 'up'])
  using authority = new CertificateAuthority()
  const mortal = new MortalEndpoint(MORTAL, ENDPOINT_PORT)
  await mortal.start()
  await new EndpointProcess(SPARE, ENDPOINT_PORT).start()
  const watch = new FailoverWatch(await startAll(order, authority), MORTAL)
  await watch.untilAll('holds', START_MS)
  tell({ kind: 'ready' })
  await delay(CALM_MS)
  const stage = { mortal, watch, giveUpMs: GIVE_UP_INTERVALS * order.intervalSec * 1_000 }
  for (const planned of plannedDeaths(order)) tell({ kind: 'death', death: await die(stage, planned) })
  tell({ kind: 'done' })
}

interface PlannedDeath {
  readonly kind: DeathKind
  /** Of the interval, on the clock of all. */
  readonly phaseMs: number
  readonly intervalMs: number
}

/**
 * By chance, and evenly over the interval for each kind: each falls at random into a slice of its own. Every system probes on a
 * grid of the same interval, so that none has luck with the phases.
 */
function plannedDeaths({ killsOfEachKind, intervalSec, seed }: FailoverOrder): PlannedDeath[] {
  const random = new Random(seed)
  const intervalMs = intervalSec * 1_000
  const deaths = (['killed', 'blackHoled'] as const).flatMap((kind) =>
    Array.from({ length: killsOfEachKind }, (_, slice) => ({
      ...{ kind, intervalMs, phaseMs: ((slice + random.next()) / killsOfEachKind) * intervalMs },
    })),
  )
  return random.sample(deaths, deaths.length)
}

async function startAll(order: FailoverOrder, authority: CertificateAuthority): Promise<SystemTarget[]> {
  const { folder } = order
  const gdnsd = await startGdnsd(join(folder, 'gdnsd'), order)
  const powerdns = await startPowerdns(join(folder, 'powerdns'), order)
  return [
    ...gdnsd.targets,
    ...powerdns.targets,
    ...(await startOneSite(folder, order)),
    ...(await startThreeSites(folder, authority, order)),
  ]
}

async function die(
  { mortal, watch, giveUpMs }: Stage,
  { kind, phaseMs, intervalMs }: PlannedDeath,
): Promise<Death> {
  await watch.untilAll('holds', giveUpMs)
  await delay((phaseMs - (nowMs() % intervalMs) + intervalMs) % intervalMs)
  if (!watch.all('holds')) throw new Error('an endpoint that lived went out of an answer')
  watch.forget()
  const diedAtMs = nowMs()
  await mortal.die(kind)
  await watch.untilAll('right', giveUpMs)
  await delay(HOLD_MS)
  await watch.untilAll('right', giveUpMs)
  const failovers = watch.failovers(diedAtMs)
  await mortal.revive()
  return { kind, failovers }
}

function tell(note: FailoverNote): void {
  process.send?.(note)
}

process.once('message', (order: FailoverOrder) => {
  // Also when the bench was killed: with this process everything ends that could still write there.
  process.on('disconnect', () => {
    rmSync(order.folder, { recursive: true, force: true })
    process.exit(0)
  })
  run(order)
    .catch((error: unknown) => {
      tell({ kind: 'fault', message: error instanceof Error ? error.message : String(error) })
    })
    .finally(() => {
      process.disconnect()
    })
})
