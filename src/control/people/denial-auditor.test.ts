import { pino } from 'pino'
import { expect, it } from 'vitest'
import type { AuditEntry } from '../../ports/audit.ts'
import { DenialAuditor } from './denial-auditor.ts'

/** An audit log that fails so often first, and a clock that the test moves. */
function rig(failures = 0) {
  const written: AuditEntry[] = []
  const timers: { readonly delayMs: number; readonly step: () => void }[] = []
  let left = failures
  const auditor = new DenialAuditor({
    audit: {
      append: (entries) => {
        left -= 1
        if (left >= 0) return Promise.reject(new Error('the store is away'))
        written.push(...entries)
        return Promise.resolve()
      },
    },
    clock: {
      monotonicMs: () => 0,
      wallMs: () => 5,
      after: (delayMs, step) => {
        const timer = { delayMs, step }
        timers.push(timer)
        return () => {
          if (timers.includes(timer)) timers.splice(timers.indexOf(timer), 1)
        }
      },
    },
    logger: pino({ level: 'silent' }),
  })
  const run = async (delayMs: number) => {
    const index = timers.findIndex((timer) => timer.delayMs === delayMs)
    const [timer] = timers.splice(index, index < 0 ? 0 : 1)
    timer?.step()
    await new Promise((resolve) => setImmediate(resolve))
    return timer !== undefined
  }
  return { auditor, written, run, timers }
}

const node = (name: string) => `fairlead://checker/ams/${name}`
const denial = { actor: 'ann', from: '192.0.2.1', action: 'PUT /v1/zones/a', detail: 'not yours' }

it('writes the first at once, and those alike as one a minute later, with their number', async () => {
  const { auditor, written, run } = rig()
  for (let count = 1; count <= 100; count += 1) auditor.denied(denial)
  auditor.denied({ ...denial, detail: 'something else' })
  expect(await run(200)).toBe(true)
  expect(written.map(({ detail, times }) => [detail, times])).toEqual([
    ['not yours', 1],
    ['something else', 1],
  ])
  expect(await run(60_000)).toBe(true)
  expect(await run(200)).toBe(true)
  expect(written.slice(2)).toMatchObject([
    { ...denial, atMs: 5, outcome: 'denied', times: 99, revision: null },
  ])
  auditor.denied(denial)
  await auditor.stop()
  expect(written).toHaveLength(4)
})

it('takes a stranger who tries many paths for one, and counts what is too much to name', async () => {
  const { auditor, written } = rig()
  for (let count = 0; count < 50; count += 1)
    auditor.denied({ actor: '', from: '192.0.2.9', action: `GET /v1/${count}`, detail: 'no token' })
  for (let count = 0; count < 2_000; count += 1)
    auditor.denied({ ...denial, actor: '', from: `10.0.${count >> 8}.${count & 255}` })
  await auditor.stop()
  const sum = written.reduce((all, { times }) => all + times, 0)
  expect(sum).toBe(2_050)
  expect(written.filter(({ from }) => from === '192.0.2.9').map(({ times }) => times)).toEqual([1, 49])
  // With the first one 500 networks are known.
  expect(written.at(-1)).toMatchObject({ from: 'several', times: 1_501 })
  expect(written.length).toBeLessThan(510)
})

it('keeps what one network, node or token does from crowding out the others', async () => {
  const { auditor, written } = rig()
  for (let count = 0; count < 3_000; count += 1) {
    // Names that nobody has certified, from all addresses of one network, and what a node says of others.
    const made = { actor: `CN=${count}`, action: 'connect', detail: `GET /${count}`, by: '' }
    auditor.denied({ ...made, from: `2001:db8:0:1::${count.toString(16)}` })
    auditor.denied({ ...made, from: `10.0.${count >> 8}.${count & 255}`, via: node('noisy') })
    auditor.denied({ ...denial, from: `10.1.${count >> 8}.${count & 255}` })
  }
  const kept = [
    { ...denial, actor: '', from: '192.0.2.7', by: '' },
    { ...denial, actor: 'CN=x', from: '192.0.2.8', by: '', via: node('quiet') },
    { ...denial, actor: node('noisy'), from: '192.0.2.9', by: node('noisy') },
    { ...denial, actor: 'bob' },
  ]
  for (const one of kept) auditor.denied(one)
  await auditor.stop()
  expect(written.reduce((all, { times }) => all + times, 0)).toBe(9_004)
  expect(written.length).toBeLessThan(160)
  for (const from of ['192.0.2.7', '192.0.2.8', '192.0.2.9', '192.0.2.1'])
    expect(written.filter((one) => one.from === from)).toHaveLength(1)
  // The node that tells of others is not who was turned away.
  expect(written.filter(({ actor }) => actor === node('noisy'))).toHaveLength(1)
  const several = written.filter(({ action, times }) => action === 'several' && times > 1)
  expect(several.map(({ actor, from, detail, times }) => [actor, from, detail, times]).sort()).toEqual([
    ['', '2001:db8:0:1::/64', 'too many to name', 2_949],
    ['', 'several', `at ${node('noisy')}: too many to name`, 2_949],
    ['ann', 'several', 'too many to name', 2_959],
  ])
})

it('names who is vouched for, whatever strangers do at the same node', async () => {
  const { auditor, written } = rig()
  const told = { action: 'connect', by: '', via: node('port') }
  for (let count = 0; count < 500; count += 1) {
    const stranger = { ...told, actor: `CN=${count}`, isMadeUp: true }
    auditor.denied({ ...stranger, from: '192.0.2.1', detail: 'self signed' })
    auditor.denied({ ...stranger, from: `192.0.${count >> 4}.${count & 15}`, detail: `GET /${count}` })
  }
  const revoked = {
    ...told,
    actor: node('gone'),
    from: '192.0.2.1',
    detail: 'revoked',
    vouched: true,
  } as const
  auditor.denied(revoked)
  await auditor.stop()
  const { actor, from, detail } = revoked
  expect(written).toContainEqual(expect.objectContaining({ actor, from, detail, times: 1 }))
  // What strangers call themselves is one entry, and none of the names stands for the others.
  const signed = written.filter((one) => one.detail === 'self signed')
  expect(signed.map((one) => [one.actor, one.from, one.times])).toEqual([
    ['CN=0', '192.0.2.1', 1],
    ['', '192.0.2.1', 499],
  ])
})

it('shows the write that a flood of cheap denials of the same token was to hide, and where it came from', async () => {
  const { auditor, written } = rig()
  const flood = (action: string) => {
    for (let count = 0; count < 500; count += 1) auditor.denied({ ...denial, action: `${action}/${count}` })
  }
  flood('GET /v1/sites')
  auditor.denied({ ...denial, action: 'DELETE /v1/tokens/a' })
  flood('PUT /v1/sites')
  const hidden = { ...denial, action: 'DELETE /v1/tokens/root', from: '192.0.2.66' }
  auditor.denied(hidden)
  await auditor.stop()
  expect(written).toContainEqual(expect.objectContaining(hidden))
  expect(written).toContainEqual(expect.objectContaining({ action: 'DELETE /v1/tokens/a', times: 1 }))
  const several = written.filter(({ action }) => action === 'several')
  expect(new Set(several.map(({ actor, from }) => `${actor} ${from}`))).toEqual(new Set(['ann 192.0.2.1']))
  expect(written.reduce((all, { times }) => all + times, 0)).toBe(1_002)
})

it('counts each that is left out while the store is away, also those for which there is no room', async () => {
  const { auditor, written, run } = rig(1)
  let asked = 0
  const flood = (window: number) => {
    for (let count = 0; count < 1_400; count += 1) {
      asked += 1
      auditor.denied({ ...denial, actor: '', from: `10.${window}.${count >> 8}.${count & 255}` })
    }
  }
  for (let window = 0; window < 12; window += 1) {
    flood(window)
    expect(await run(60_000)).toBe(true)
  }
  expect(await run(200)).toBe(true)
  await auditor.stop()
  expect(written.reduce((all, { times }) => all + times, 0)).toBe(asked)
})

it('takes many different attempts of one token for one, after the first of them', async () => {
  const { auditor, written } = rig()
  for (let count = 0; count < 500; count += 1) auditor.denied({ ...denial, action: `PUT /v1/sites/${count}` })
  auditor.denied({ ...denial, actor: 'bob' })
  await auditor.stop()
  expect(written.filter(({ actor }) => actor === 'ann')).toHaveLength(22)
  expect(written.filter(({ actor }) => actor === 'bob')).toHaveLength(1)
  expect(written.reduce((all, { times }) => all + times, 0)).toBe(501)
  expect(written.at(-1)).toMatchObject({ actor: 'ann', action: 'several', times: 479 })
})

it('tries again while the store is away, and loses nothing', async () => {
  const { auditor, written, run, timers } = rig(2)
  auditor.denied(denial)
  await run(200)
  auditor.denied({ ...denial, from: '192.0.2.2' })
  expect(await run(5_000)).toBe(true)
  expect(await run(5_000)).toBe(true)
  expect(written.map(({ from }) => from)).toEqual(['192.0.2.1', '192.0.2.2'])
  await auditor.stop()
  expect(timers).toEqual([])
})
