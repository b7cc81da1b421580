/** Servers that are targets no more, as maps: what was published there goes, and then they are left. */
import { expect, it } from 'vitest'
import type { OwnerRecords } from '../../core/dns/record-set.ts'
import { configurationOf, type Configuration } from '../../core/model/configuration.ts'
import { loadBalancerSchema } from '../../core/model/load-balancer.ts'
import type { Resource } from '../../core/model/resource.ts'
import { zoneSchema } from '../../core/model/zone.ts'
import { ManualClock } from '../testing/manual-clock.ts'
import type { LeftTarget } from './left-target.ts'
import { UpdateTarget } from './update-target.ts'
import { UpdateTargets, type SecretOf } from './update-targets.ts'

const ZONE = 'example.test'
const NAME = 'www.example.test'
const KEY = 'key.example.net'
const DAY_MS = 86_400_000

function configuration(ports: readonly number[]): Configuration {
  const targets = ports.map((port) => ({ address: '192.0.2.53', port, tsigKey: KEY }))
  const zone = zoneSchema.parse({
    ...{ name: ZONE, nameservers: ['ns.example.net'] },
    ...(ports.length > 0 && { updates: { targets } }),
  })
  const policy = { kind: 'all', pools: ['web'] }
  const balancer = loadBalancerSchema.parse({ name: NAME, zone: ZONE, ttlSec: 30, policy })
  const key = { name: KEY, algorithm: 'hmac-sha256', createdAtMs: 0, sealed: 'sealed' } as const
  const resources: Resource[] = [
    { kind: 'zone', key: ZONE, spec: zone },
    { kind: 'loadBalancer', key: NAME, spec: balancer },
    ...(ports.length > 0 ? [{ kind: 'tsigKey', key: KEY, spec: key } as const] : []),
  ]
  return configurationOf(resources)
}

/** One process of a nameserver; `servers` outlive it. */
function nameserver(servers: Servers, clock: ManualClock, left: readonly LeftTarget[] = []) {
  const alarms: string[] = []
  const onAlarm = (message: string) => alarms.push(message)
  const targets = new UpdateTargets({
    ...{ clock, onAlarm, onChange: () => undefined },
    make: (options) => {
      const { port } = options.server
      return new UpdateTarget({
        ...{ ...options, clock, onAlarm },
        ask: (name, type) => Promise.resolve(servers.ask(port, `${name} ${type}`)),
        send: ({ deletes, adds }) => {
          const sets = servers.sets(port)
          for (const { name, type } of deletes) sets.delete(`${name} ${type}`)
          for (const { name, type, ttlSec, data } of adds)
            sets.set(`${name} ${type}`, { ttlSec, values: [data] })
          return Promise.resolve({ kind: 'done' })
        },
      })
    },
  })
  targets.restore(left)
  const secretOf: SecretOf = (name, { tsigKey }) => {
    const sealed = tsigKey.get(name)?.sealed
    return sealed === undefined
      ? `there is no key '${name}'`
      : { name, algorithm: 'hmac-sha256', secret: sealed }
  }
  const records: OwnerRecords = [{ kind: 'plain', name: NAME, type: 'A', ttlSec: 30, values: ['192.0.2.1'] }]
  const define = async (ports: readonly number[]) => {
    const of = configuration(ports)
    const zone = of.zone.get(ZONE)
    const owner = () => (zone === undefined ? null : { zone, records })
    const plan = { zones: () => new Map(), signing: () => ({ kind: 'unsigned' }) as const, owner }
    targets.replace(plan, of, secretOf)
    targets.open()
    await clock.advance(0)
  }
  return { targets, define, alarms }
}

class Servers {
  readonly #sets = new Map<number, Map<string, { ttlSec: number; values: string[] }>>()
  isAway = false

  sets(port: number): Map<string, { ttlSec: number; values: string[] }> {
    const sets = this.#sets.get(port) ?? new Map<string, { ttlSec: number; values: string[] }>()
    this.#sets.set(port, sets)
    return sets
  }

  ask(port: number, key: string) {
    if (this.isAway) return { kind: 'no-answer', detail: 'it is away' } as const
    const set = this.sets(port).get(key) ?? { ttlSec: null, values: [] }
    const names = { rcode: 'NOERROR', authoritative: true, wasTruncated: false } as const
    return { kind: 'answer', ...names, ...set } as const
  }
}

it('takes away what was published at a server that is no target any more, and leaves it, with the key gone too', async () => {
  const [servers, clock] = [new Servers(), new ManualClock()]
  const { targets, define } = nameserver(servers, clock)
  await define([53, 54])
  for (const port of [53, 54]) expect([...servers.sets(port).keys()]).toContain(`${NAME} A`)
  await define([53])
  expect([...servers.sets(54).keys()]).toEqual([])
  expect([...servers.sets(53).keys()]).toContain(`${NAME} A`)
  expect(targets.reports().map(({ secondary }) => secondary)).toEqual(['192.0.2.53:53'])
  await define([])
  expect([...servers.sets(53).keys()]).toEqual([])
  expect(targets.reports()).toEqual([])
  expect(targets.saved()).toEqual([])
  targets.stop()
})

it('does so too when the server was away, and the next process has to', async () => {
  const [servers, clock] = [new Servers(), new ManualClock()]
  const first = nameserver(servers, clock)
  await first.define([53])
  servers.isAway = true
  await first.define([])
  first.targets.touch([NAME])
  expect(first.targets.reports()).toMatchObject([{ state: 'behind' }])
  expect(first.targets.reports()[0]?.detail).toBe(
    'no target any more, names are taken away there: it is away',
  )
  const left = first.targets.saved()
  expect(left).toMatchObject([{ zone: ZONE, port: 53, tsigKey: KEY, names: [NAME] }])
  first.targets.stop()

  const second = nameserver(servers, clock, left)
  await second.define([])
  expect(second.targets.saved()).toEqual(left)
  servers.isAway = false
  await clock.advance(60_000)
  expect([...servers.sets(53).keys()]).toEqual([])
  expect(second.targets.reports()).toEqual([])
  expect(second.targets.saved()).toEqual([])
  second.targets.stop()
})

it('publishes there again when it becomes a target again', async () => {
  const [servers, clock] = [new Servers(), new ManualClock()]
  const { targets, define } = nameserver(servers, clock)
  await define([53])
  servers.isAway = true
  await define([])
  servers.isAway = false
  await define([53])
  await clock.advance(8 * DAY_MS)
  expect([...servers.sets(53).keys()]).toContain(`${NAME} A`)
  expect(targets.reports()).toMatchObject([{ state: 'current' }])
  targets.stop()
})

it('gives up after a week, also over restarts, and says what stands there', async () => {
  const [servers, clock] = [new Servers(), new ManualClock()]
  const first = nameserver(servers, clock)
  await first.define([53])
  servers.isAway = true
  await first.define([])
  await clock.advance(4 * DAY_MS)
  first.targets.stop()
  const second = nameserver(servers, clock, first.targets.saved())
  await second.define([])
  await clock.advance(2 * DAY_MS)
  expect(second.targets.reports()).toHaveLength(1)
  await clock.advance(2 * DAY_MS)
  expect(second.targets.reports()).toEqual([])
  expect(second.targets.saved()).toEqual([])
  expect(second.alarms.at(-1)).toContain('could not be taken away in a week (it is away)')
  expect(second.alarms.at(-1)).toContain(NAME)
  second.targets.stop()
})
