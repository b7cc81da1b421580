import { expect, it } from 'vitest'
import type { Refusal } from '../../ports/refusals.ts'
import { RefusalLimit } from './refusal-limit.ts'

const NODE = 'fairlead://checker/ams/noisy'

function rig() {
  const told: Refusal[] = []
  const timers: (() => void)[] = []
  const limit = new RefusalLimit((what) => told.push(what), {
    ...{ monotonicMs: () => 0, wallMs: () => 0 },
    after: (_, callback) => {
      timers.push(callback)
      return () => undefined
    },
  })
  const end = () => {
    for (const timer of timers.splice(0)) timer()
  }
  return { told, timers, limit, end }
}

it('tells of who knocks too often a few times, and of others as well', () => {
  const { told, timers, limit, end } = rig()
  const knock = () => {
    for (let count = 0; count < 1_000; count += 1) {
      limit.tell({ who: '', from: '192.0.2.1', reason: `GET /${count}` })
      // It says of whatever addresses it likes that it turned them away.
      limit.tell({ who: 'y', from: `10.0.0.${count % 256}`, reason: `GET /${count}`, via: NODE })
    }
  }
  knock()
  expect(told).toHaveLength(60)
  limit.tell({ who: '', from: '192.0.2.2', reason: 'of another' })
  limit.tell({ who: '', from: '192.0.2.3', reason: 'of another', via: 'fairlead://checker/ams/quiet' })
  limit.tell({ who: NODE, from: '192.0.2.4', reason: 'its own', by: NODE })
  expect(told.slice(60).map(({ reason }) => reason)).toEqual(['of another', 'of another', 'its own'])
  end()
  const more = told.slice(63)
  expect(more).toContainEqual({
    ...{ who: '', from: '192.0.2.1', reason: '980 more were refused within ten seconds' },
  })
  const sum = more.reduce((all, { reason }) => all + Number(/(\d+) more/.exec(reason)?.[1]), 0)
  expect(60 + sum).toBe(2_000)
  for (const { via, reason } of more.slice(1)) {
    expect(via).toBe(NODE)
    expect(reason).toMatch(/^at fairlead:\/\/checker\/ams\/noisy: \d+ more/)
  }
  expect(more.length).toBeLessThan(45)
  told.splice(0)
  knock()
  expect(told).toHaveLength(60)
  expect(timers).toHaveLength(1)
  for (let count = 0; count < 10_000; count += 1)
    limit.tell({ who: '', from: `10.${count >> 8}.${count & 255}.1`, reason: 'z' })
  expect(told.length).toBeLessThan(60 + 200)
})

it('self-signed certificates at the port of a node hide no revoked one, wherever it comes from', () => {
  const { told, limit, end } = rig()
  const flood = (about: Partial<Refusal>) => {
    for (let count = 0; count < 500; count += 1)
      limit.tell({ who: `CN=${count}`, from: '192.0.2.1', reason: `self signed ${count % 25}`, ...about })
    for (let count = 0; count < 500; count += 1)
      limit.tell({ who: `CN=${count}`, from: `2001:db8:0:${count}::1`, reason: 'self signed', ...about })
  }
  flood({})
  flood({ via: NODE })
  const revoked = { who: 'fairlead://nameserver/fra/ns1', from: '192.0.2.1', reason: 'it was revoked' }
  const seen: Refusal[] = [
    { ...revoked, vouched: true },
    { ...revoked, vouched: true, via: NODE },
  ]
  for (const one of seen) limit.tell(one)
  expect(told.slice(-2)).toEqual(seen)
  end()
  // Nobody appears who had nothing to do with it.
  expect(told.filter(({ who }) => who === NODE)).toEqual([])
})

it('takes the names that strangers of one network give themselves for one', () => {
  const { told, limit, end } = rig()
  for (let count = 0; count < 50; count += 1)
    limit.tell({ who: `CN=${count}`, from: '192.0.2.1', reason: 'self signed' })
  limit.tell({ who: '', from: '192.0.2.1', reason: 'plain HTTP' })
  expect(told.map(({ reason }) => reason)).toEqual([
    ...['self signed', 'self signed', 'self signed', 'plain HTTP'],
  ])
  end()
  expect(told.at(-1)).toEqual({
    ...{ who: '', from: '192.0.2.1', reason: '47 more were refused within ten seconds' },
  })
})
