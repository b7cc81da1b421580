/**
 * Two nameservers send one zone to a BIND that takes it from either. They say the same, with serials of their own: what BIND holds
 * never goes back, also when one of them dies; and when nothing changes they let each other's serial stand.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { askDns } from '../../src/adapters/dns-client/ask-dns.ts'
import { newEncryptionKey, vaultOf } from '../../src/adapters/dnssec/key-vault.ts'
import { isLater } from '../../src/adapters/powerdns/serial.ts'
import { freePort } from '../../src/adapters/probes/testing/free-port.ts'
import type { Resource } from '../../src/core/model/resource.ts'
import { tsigPurpose } from '../../src/core/model/tsig-key.ts'
import { eventually } from './harness/eventually.ts'
import { bindSecondary, type OtherServer } from './harness/other-servers.ts'
import { makeRig, zone, type Rig } from './powerdns-rig.ts'

const ZONE = 'example.test'
const KEY = {
  name: 'transfer.example.net',
  algorithm: 'hmac-sha384',
  secret: Buffer.alloc(48, 5).toString('base64'),
}
const vault = vaultOf(newEncryptionKey())

let folder: string
let rigs: Rig[]
let bind: OtherServer
const serials: number[] = []
let watching = true

function resources(value: string): Resource[] {
  const secondaries = [{ address: '127.0.0.1', port: bind.port, tsigKey: KEY.name }]
  const sealed = vault.seal(KEY.secret, tsigPurpose(KEY.name))
  return [
    { kind: 'tsigKey', key: KEY.name, spec: { ...KEY, algorithm: 'hmac-sha384', createdAtMs: 0, sealed } },
    zone(ZONE, { records: [{ name: 'www', type: 'A', values: [value] }], transfers: { secondaries } }),
  ]
}

async function held(): Promise<readonly string[]> {
  const answer = await askDns({ address: '127.0.0.1', port: bind.port }, { name: `www.${ZONE}`, type: 'A' })
  return answer.kind === 'answer' ? answer.values : []
}

/** Notes each serial that BIND answers with. */
async function watch(): Promise<void> {
  while (watching) {
    const answer = await askDns({ address: '127.0.0.1', port: bind.port }, { name: ZONE, type: 'SOA' })
    const serial = Number(answer.kind === 'answer' ? answer.values[0]?.split(' ')[2] : undefined)
    if (Number.isInteger(serial) && serials.at(-1) !== serial) serials.push(serial)
    await delay(2)
  }
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fairlead-two-'))
  const ports = [await freePort(), await freePort()]
  rigs = await Promise.all(ports.map((transfersPort) => makeRig({ transfersPort, vault })))
  const options = {
    folder: join(folder, 'bind'),
    port: await freePort(),
    zones: [ZONE],
    primaries: ports,
    key: KEY,
  }
  bind = bindSecondary({ ...options, serialQueryRate: 1_000 })
  await bind.start()
  await Promise.all(rigs.map((rig) => rig.nameserver.start()))
})

afterAll(async () => {
  watching = false
  await bind.end()
  await Promise.all(rigs.map((rig) => rig.destroy()))
  rmSync(folder, { recursive: true, force: true })
})

it('never goes back, whoever sends, and rests when nothing changes', async () => {
  const [first, second] = rigs
  if (first === undefined || second === undefined) throw new Error('two nameservers are expected')
  const watcher = watch()
  for (let round = 1; round <= 20; round += 1) {
    const value = `192.0.2.${round}`
    // Once the one is ahead, once the other.
    const [sooner, later] = round % 2 === 0 ? [first, second] : [second, first]
    sooner.configure(resources(value))
    await delay(round * 3)
    later.configure(resources(value))
    await eventually(async () => {
      expect(await held()).toEqual([value])
    })
  }
  // Both have looked, and neither has anything to say. BIND asks nobody then: a refresh that is under way when its primary ends waits for a
  // time-out of BIND's own, and no event of ours stands for its end.
  await eventually(async () => {
    const before = serials.at(-1)
    await delay(700)
    expect(serials.at(-1)).toBe(before)
  })
  await first.destroy()
  second.configure(resources('203.0.113.7'))
  await eventually(async () => {
    expect(await held()).toEqual(['203.0.113.7'])
  })
  watching = false
  await watcher
  expect(serials.length).toBeGreaterThan(20)
  for (const [index, serial] of serials.entries())
    if (index > 0) expect(isLater(serial, serials[index - 1] ?? 0), serials.join(' ')).toBe(true)
})
