import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { expect, it } from 'vitest'
import { openSqliteStore } from '../adapters/sql/sqlite-store.ts'
import { endpointSchema } from '../core/model/pool.ts'
import { overrideSchema } from '../core/model/override.ts'
import { siteSchema } from '../core/model/site.ts'
import type { RequestedChange } from './change-plan.ts'
import { ConfigurationService } from './configuration-service.ts'
import { CONTROL_ITSELF } from './actor.ts'
import { ExpiredOperations, SHOWN_MS } from './expired-operations.ts'

/** Time that a test moves, and what waits for it. */
function handClock(startMs: number) {
  let nowMs = startMs
  let waiting: (() => void)[] = []
  return {
    clock: {
      monotonicMs: () => nowMs,
      wallMs: () => nowMs,
      after: (_delayMs: number, callback: () => void) => {
        waiting.push(callback)
        return () => undefined
      },
    },
    pass: (ms: number) => {
      nowMs += ms
      for (const callback of waiting.splice(0)) callback()
      waiting = []
    },
  }
}

it('expired ones are shown for a while and then deleted, once by two controls, by none that does not do it for all; what does not expire stays', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-expired-'))
  const store = await openSqliteStore({ path: join(folder, 'control.sqlite') })
  const startMs = 1_800_000_000_000
  const { clock, pass } = handClock(startMs)
  const logger = pino({ level: 'silent' })
  let isOurs = false
  const controls = await Promise.all(
    [1, 2].map(async () => {
      const service = new ConfigurationService({
        ...{ store, clock, publish: () => undefined, onRevision: () => undefined },
      })
      await service.load()
      const cleaner = new ExpiredOperations({ service, clock, logger, isOurs: () => isOurs })
      return { service, cleaner }
    }),
  )
  const [first, second] = controls
  if (first === undefined || second === undefined) throw new Error('two controls were made')
  const override = (name: string, expiresAtMs?: number): RequestedChange => {
    const spec = overrideSchema.parse({ name, state: 'forced-down', reason: 'test', expiresAtMs })
    return { op: 'put', kind: 'override', key: name, spec, pointer: '' }
  }
  const endpoint = (name: string) =>
    endpointSchema.parse({ name, address: '192.0.2.1', port: 80, site: 'ams' })
  const pool = { name: 'web', monitors: [], endpoints: [endpoint('a'), endpoint('b')] }
  const changes: RequestedChange[] = [
    { op: 'put', kind: 'site', key: 'ams', spec: siteSchema.parse({ name: 'ams' }), pointer: '' },
    { op: 'put', kind: 'pool', key: 'web', spec: pool, pointer: '' },
    override('web/a', startMs + 1_000),
    override('web/b'),
  ]
  const committed = await first.service.change({
    ...{ actor: { ...CONTROL_ITSELF, name: 'ann' }, message: '', dryRun: false },
    decide: () => ({ kind: 'changes', changes }),
  })
  expect(committed.kind).toBe('committed')
  await second.service.refresh()
  for (const { cleaner } of controls) cleaner.start()
  const cleaned = async (ms: number) => {
    pass(ms)
    // Whatever began to clean is waited for by `stop`, which may be called again.
    for (const { cleaner } of controls) await cleaner.stop()
    for (const { service } of controls) await service.refresh()
    return [...first.service.current.configuration.override.keys()]
  }
  expect(await cleaned(1_000 + SHOWN_MS - 1)).toEqual(['web/a', 'web/b'])
  for (const { cleaner } of controls) cleaner.start()
  expect(await cleaned(1)).toEqual(['web/a', 'web/b'])
  // Both at once: a lease that two believe to have.
  isOurs = true
  for (const { cleaner } of controls) cleaner.start()
  expect(await cleaned(1)).toEqual(['web/b'])
  expect(await store.head()).toBe(2)
  expect(second.service.current.configuration.override.has('web/a')).toBe(false)
  await store.close()
  rmSync(folder, { recursive: true })
})
