/**
 * Signed zones on the real PowerDNS: validated by delv and drill from a trust anchor at the parent. Every record type and policy,
 * what is not there, after a failover, after a restart from an empty nameserver, with a wrong key-encryption key.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { EXIT } from '../../src/core/exit-code.ts'
import { eventually } from './harness/eventually.ts'
import { A_FEW, NAMES, nameOf, ownerOf, PARENT, SignedZones } from './harness/signed-zones.ts'

let world: SignedZones
beforeAll(async () => {
  world = await SignedZones.make()
})
afterAll(() => world.end())

describe.each(NAMES)('the zone %s', (child) => {
  it('is validated by delv, whatever it is asked', async () => {
    await world.expectValid(child)
  })

  it('is chased by drill down to the anchor', async () => {
    const validators = await world.validators()
    for (const [label, type] of A_FEW) {
      const { validated, text } = await validators.drill(ownerOf(label, child), type)
      expect(validated, text).toBe(true)
    }
  })
})

it('is validated by nobody who trusts another key: the validators can say no', async () => {
  const wrong = world.validatorsFrom((await world.shown(nameOf('nsec'))).keys[0]?.dnskey ?? '')
  expect((await wrong.delv(ownerOf('weighted', 'nsec'), 'A')).validated).toBe(false)
  expect((await wrong.drill(ownerOf('weighted', 'nsec'), 'A')).validated).toBe(false)
})

it('is validated after a failover', async () => {
  world.withdrawn = true
  await world.apply()
  await world.untilAnswered(ownerOf('all', 'nsec'), 'A', ['192.0.2.2'])
  for (const child of NAMES) await world.expectValid(child, A_FEW)
  world.withdrawn = false
  await world.apply()
})

it('keeps the keys of a zone whose parent points to them, and lets them go when it does not', async () => {
  const child = 'rsa'
  const unsigned = { ...world.zone(child), dnssec: undefined }
  const refused = await world.applyZones(unsigned)
  expect(refused.code).toBe(EXIT.badInput)
  expect(refused.stderr).toContain(`still has a DS for it (127.0.0.1:${world.port})`)
  await world.expectValid(child, A_FEW)
  await world.giveDs(child, [])
  const { code, stderr } = await world.applyZones(unsigned)
  expect({ code, stderr }).toEqual({ code: EXIT.ok, stderr: '' })
  expect((await world.run(['dnssec', 'show', nameOf(child)])).stderr).toContain('is not signed')
  await world.untilAnswered(nameOf(child), 'DNSKEY', [])
})

it('refuses what cannot be signed, with all faults at once', async () => {
  const dnssec = { algorithm: 5, denial: 'nsec5', parentServers: [{ address: 'x' }] }
  const { code, stderr } = await world.applyZones({ ...world.zone('nsec'), dnssec })
  expect(code).toBe(EXIT.badInput)
  expect(stderr).toContain('8 (RSASHA256), 13 (ECDSAP256SHA256), 14 (ECDSAP384SHA384), 15 (ED25519)')
  expect(stderr).toContain('nsec3')
  expect(stderr).toContain("'x'")
  const layout = await world.applyZones({ ...world.zone('nsec'), dnssec: { keys: 'ksk-zsk' } })
  expect(layout.code).toBe(EXIT.badInput)
  expect(layout.stderr).toContain('only together with its algorithm')
  const apexDs = {
    name: '@',
    type: 'DS',
    values: [{ keyTag: 1, algorithm: 13, digestType: 2, digest: 'zz' }],
  }
  const lost = { ...apexDs, name: 'v6', values: [{ keyTag: 1, algorithm: 13, digestType: 2, digest: 'ab' }] }
  const zone = world.zone('nsec') as { records: object[] }
  expect((await world.applyZones({ ...zone, records: [...zone.records, apexDs] })).stderr).toContain(
    'hexadecimal',
  )
  const beside = await world.applyZones({ ...zone, records: [...zone.records, lost] })
  expect(beside.stderr).toContain('beside the NS records of a delegation')
})

it('keeps private keys sealed in the store, and out of all that it says', async () => {
  for (const args of [['history', '--json'], ['export'], ['get', 'zones', '--json']]) {
    const { stdout } = await world.run(args)
    expect(stdout).not.toContain('PrivateKey')
  }
  const store = join(world.fairlead.dataDir, 'control.sqlite')
  const dump = execFileSync('sqlite3', [store, '.dump'], { encoding: 'utf8', maxBuffer: 2 ** 26 })
  expect(dump).toContain('"sealed":"')
  expect(dump).not.toContain('PrivateKey')
})

it('signs with the same keys after a restart from an empty nameserver', async () => {
  const before = await world.shown(nameOf('nsec3'))
  await world.fairlead.end()
  rmSync(join(world.fairlead.dataDir, 'powerdns'), { recursive: true })
  await world.fairlead.start()
  await eventually(() => world.expectValid('nsec3', A_FEW), { withinMs: 15_000 })
  await world.expectValid('nsec3')
  const after = await world.shown(nameOf('nsec3'))
  expect(after.keys.map(({ tag }) => tag)).toEqual(before.keys.map(({ tag }) => tag))
})

it('leaves the old answers in force where the key-encryption key is another, and says so', async () => {
  await world.fairlead.end()
  const path = join(world.fairlead.dataDir, 'dnssec.key')
  const key = readFileSync(path, 'utf8')
  writeFileSync(path, `${Buffer.alloc(32, 7).toString('base64')}\n`)
  await world.fairlead.start()
  await eventually(async () => {
    const { stdout } = await world.run(['status', '--json'])
    expect(stdout).toContain(`the zone ${PARENT} could not be written`)
    expect(stdout).toContain('which is not here')
  })
  await world.expectValid('nsec3', A_FEW)
  await world.fairlead.end()
  writeFileSync(path, key)
  await world.fairlead.start()
})
