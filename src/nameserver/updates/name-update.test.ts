/** Updates against a server that is a map: whoever edits what and when, nothing of theirs is ever touched. */
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { PlainRecordSet } from '../../core/dns/record-set.ts'
import { markName } from '../../core/steering/ownership.ts'
import { decideUpdate, type NameDecision, type StandingSets } from './name-update.ts'

const NAME = 'www.example.test'
const MARK = markName(NAME)
const digestOf = (lines: readonly string[]) =>
  createHash('sha256').update(lines.join('\n')).digest('hex').slice(0, 32)

/** Name and type to values; a time to live each. */
type Zone = Map<string, { ttlSec: number; values: string[] }>

const wantedOf = (values: readonly string[]): PlainRecordSet[] =>
  values.length === 0
    ? []
    : [{ kind: 'plain', name: NAME, type: 'A', ttlSec: 20, values: [...values].sort() }]

function standingIn(zone: Zone): StandingSets {
  const sets = new Map(
    ['A', 'AAAA', 'CNAME'].flatMap((type) => {
      const set = zone.get(`${NAME} ${type}`)
      return set === undefined ? [] : [[type, set] as const]
    }),
  )
  return { sets, marks: zone.get(`${MARK} TXT`)?.values ?? [] }
}

function perform(zone: Zone, decision: Extract<NameDecision, { kind: 'update' }>): void {
  for (const { name, type } of decision.deletes) zone.delete(`${name} ${type}`)
  for (const { name, type, ttlSec, data } of decision.adds) {
    const set = zone.get(`${name} ${type}`) ?? { ttlSec, values: [] }
    set.values.push(data)
    zone.set(`${name} ${type}`, set)
  }
}

const decide = (zone: Zone, values: readonly string[], owner = 'fairlead') =>
  decideUpdate({ name: NAME, owner, wanted: wantedOf(values), standing: standingIn(zone), digestOf })

it('brings a name to what is wanted and takes it away again, with a mark while it is there', () => {
  const zone: Zone = new Map()
  for (const values of [['192.0.2.1'], ['192.0.2.1', '192.0.2.2'], []]) {
    const decision = decide(zone, values)
    if (decision.kind !== 'update') throw new Error(decision.kind)
    perform(zone, decision)
    expect(zone.get(`${NAME} A`)?.values ?? []).toEqual(values)
    expect(zone.has(`${MARK} TXT`)).toBe(values.length > 0)
    expect(decide(zone, values).kind).toBe('nothing')
  }
})

it('touches nothing that somebody else made or edited, in whatever order things happen', () => {
  const values = fc.uniqueArray(fc.constantFrom('192.0.2.1', '192.0.2.2', '192.0.2.3'), { maxLength: 3 })
  const step = fc.oneof(
    fc.record({ kind: fc.constant('publish' as const), values }),
    fc.record({ kind: fc.constant('edit' as const), values, type: fc.constantFrom('A', 'AAAA') }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      const zone: Zone = new Map()
      let foreign = false
      for (const one of steps) {
        if (one.kind === 'edit') {
          const before = JSON.stringify([...standingIn(zone).sets])
          if (one.values.length === 0) zone.delete(`${NAME} ${one.type}`)
          else zone.set(`${NAME} ${one.type}`, { ttlSec: 20, values: [...one.values].sort() })
          foreign ||= before !== JSON.stringify([...standingIn(zone).sets])
          continue
        }
        const before = JSON.stringify([...zone])
        const decision = decide(zone, one.values)
        if (decision.kind === 'update') {
          perform(zone, decision)
          foreign = false
          expect(zone.get(`${NAME} A`)?.values ?? []).toEqual([...one.values].sort())
        } else if (decision.kind === 'conflict') {
          expect(foreign).toBe(true)
          expect(JSON.stringify([...zone])).toBe(before)
        }
      }
    }),
  )
})

it('leaves alone what another one owns, and what is there without a mark', () => {
  const zone: Zone = new Map()
  const first = decide(zone, ['192.0.2.1'])
  if (first.kind === 'update') perform(zone, first)
  expect(decide(zone, ['192.0.2.9'], 'another')).toMatchObject({ kind: 'conflict' })
  zone.delete(`${MARK} TXT`)
  expect(decide(zone, ['192.0.2.9'])).toMatchObject({ kind: 'conflict' })
  expect(decide(zone, [])).toEqual({ kind: 'nothing' })
})
