/** The publisher over the real storage, of which somebody else has one zone. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { pino } from 'pino'
import { expect, it, onTestFinished, vi } from 'vitest'
import { SqliteZoneStorage } from '../adapters/powerdns/sqlite-zone-storage.ts'
import type { OwnerRecords } from '../core/dns/record-set.ts'
import { zoneSchema } from '../core/model/zone.ts'
import type { Publications } from './publications.ts'
import { Publisher, type PlanSource } from './publisher.ts'
import { ManualClock } from './testing/manual-clock.ts'

async function rigWithForeignZone() {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-publisher-'))
  const path = join(folder, 'zones.db')
  const clock = new ManualClock()
  const storage = new SqliteZoneStorage({
    luaDirectory: '/nowhere',
    ...{ path, clock, mode: 0o600, whenDamaged: 'throw', onRebuilt: () => undefined },
  })
  await storage.open()
  const database = new DatabaseSync(path)
  onTestFinished(async () => {
    database.close()
    await storage.close()
    rmSync(folder, { recursive: true })
  })
  database.exec("insert into domains(name, type, account) values ('theirs.test', 'NATIVE', 'them')")
  const zones = ['theirs.test', 'ours.test'].map((name) => zoneSchema.parse({ name, nameservers: ['ns.x'] }))
  const alarms: string[] = []
  const committed: string[][] = []
  const publications: Pick<Publications, 'committed'> = {
    committed: (_change, { written }) => committed.push(written.map((one) => one.zone)),
  }
  const publisher = new Publisher({
    storage,
    publications,
    onAlarm: (message) => alarms.push(message),
    clock,
    logger: pino({ level: 'silent' }),
  })
  let address = '192.0.2.1'
  const recordsOf = (name: string): OwnerRecords => [
    { kind: 'plain', name, type: 'A', ttlSec: 30, values: [address] },
  ]
  const plan: PlanSource = {
    signing: () => ({ kind: 'unsigned' as const }),
    zones: () =>
      new Map(
        zones.map((one) => {
          const www = `www.${one.name}`
          return [one.name, { zone: one, owners: new Map([[www, recordsOf(www)]]) }]
        }),
      ),
    owner: (name) => {
      const of = zones.find((one) => name === `www.${one.name}`)
      return of === undefined ? null : { zone: of, records: recordsOf(name) }
    },
  }
  const stored = () =>
    database
      .prepare("select name || ' ' || content as row from records where type = 'A' order by 1")
      .all()
      .map(({ row }) => row)
  const failOver = (to: string) => {
    address = to
    publisher.touch(zones.map((one) => `www.${one.name}`))
  }
  return { clock, database, publisher, plan, alarms, committed, stored, failOver }
}

it('holds apart a zone that cannot be written: failovers of all others go through, and it follows when it can', async () => {
  const { clock, database, publisher, plan, alarms, committed, stored, failOver } = await rigWithForeignZone()
  // What waits for a disk takes turns of the event loop, however many.
  const becomes = (rows: readonly string[]) =>
    vi.waitFor(
      async () => {
        await clock.advance(0)
        expect(stored()).toEqual(rows)
      },
      { timeout: 10_000, interval: 5 },
    )
  publisher.replace(plan)
  publisher.open()
  await becomes(['www.ours.test 192.0.2.1'])
  failOver('192.0.2.2')
  await becomes(['www.ours.test 192.0.2.2'])
  await clock.advance(60_000)
  expect(alarms).toEqual([
    expect.stringMatching(/^the zone theirs\.test could not be written.*not Fairlead's/),
  ])
  expect(new Set(committed.flat())).toEqual(new Set(['ours.test']))
  database.exec("delete from domains where name = 'theirs.test'")
  // Not before the whole of it can be written: a zone with a part of its names would deny the others.
  failOver('192.0.2.3')
  await becomes(['www.ours.test 192.0.2.3'])
  await clock.advance(30_000)
  await becomes(['www.ours.test 192.0.2.3', 'www.theirs.test 192.0.2.3'])
  await publisher.stop()
})
