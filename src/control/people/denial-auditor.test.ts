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
  const by = (name: string) => `fairlead://checker/ams/${name}`
  for (let count = 0; count < 3_000; count += 1) {
    // Names that nobody has certified, from all addresses of one network, and what a node says of others.
    const made = { actor: `CN=${count}`, action: 'connect', detail: `GET /${count}` }
    auditor.denied({ ...made, from: `2001:db8:0:1::${count.toString(16)}`, by: '' })
    auditor.denied({ ...made, from: `10.0.${count >> 8}.${count & 255}`, by: by('noisy') })
    auditor.denied({ ...denial, from: `10.1.${count >> 8}.${count & 255}` })
  }
  auditor.denied({ ...denial, actor: '', from: '192.0.2.7', by: '' })
  auditor.denied({ ...denial, actor: 'CN=x', from: '192.0.2.8', by: by('quiet') })
  auditor.denied({ ...denial, actor: 'bob' })
  await auditor.stop()
  expect(written.reduce((all, { times }) => all + times, 0)).toBe(9_003)
  expect(written.length).toBeLessThan(105)
  for (const from of ['192.0.2.7', '192.0.2.8', '192.0.2.1'])
    expect(written.filter((one) => one.from === from)).toHaveLength(1)
  const several = written.filter(({ action, times }) => action === 'several' && times > 1)
  expect(several.map(({ actor, from, times }) => [actor, from, times])).toEqual([
    [by('noisy'), 'several', 2_979],
    ['ann', 'several', 2_979],
    ['', '2001:db8:0:1::/64', 2_949],
  ])
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
