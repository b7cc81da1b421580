import { describe, expect, it } from 'vitest'
import { applyChanges, emptyConfiguration } from '../core/model/configuration.ts'
import { drainSchema, type Drain } from '../core/model/drain.ts'
import { overrideSchema } from '../core/model/override.ts'
import type { RequestedChange } from './change-plan.ts'
import { stampOperations } from './stamp-operations.ts'

const NOW_MS = 1_800_000_000_000
const put = (spec: object): RequestedChange => {
  const parsed = drainSchema.parse({ name: 'site/ams', reason: 'test', ...spec })
  return { op: 'put', kind: 'drain', key: parsed.name, spec: parsed, pointer: '/changes/3/spec' }
}

/** `spec` put by `author` at `wallMs`, where `before` stands already. */
function stamped(spec: object, before: Drain | null, { author = 'ann', wallMs = NOW_MS } = {}) {
  const configuration = applyChanges(
    emptyConfiguration(),
    before === null ? [] : [{ op: 'put', kind: 'drain', key: before.name, spec: before }],
  )
  const result = stampOperations([put(spec)], { configuration, author, wallMs })
  return result.kind === 'invalid'
    ? result.faults
    : result.changes.map((change) => change.op === 'put' && (change.spec as Drain))[0]
}

const RUNNING = drainSchema.parse({
  name: 'site/ams',
  startAtMs: NOW_MS - 60_000,
  drainSec: 300,
  reason: 'test',
  author: 'bob',
})

describe('stamps', () => {
  it('a drain without a begin begins now, by whoever holds the token', () => {
    expect(stamped({}, null)).toMatchObject({ startAtMs: NOW_MS, author: 'ann' })
    expect(stamped({ startAtMs: 5 }, null)).toMatchObject({ startAtMs: 5, author: 'ann' })
  })

  it('nobody signs with the name of another, but for what is there already', () => {
    expect(stamped({ author: 'eve' }, null)).toMatchObject({ author: 'ann' })
    expect(stamped({ drainSec: 300, author: 'eve' }, RUNNING)).toEqual(RUNNING)
    expect(stamped({ drainSec: 300, author: 'bob', reason: 'other' }, RUNNING)).toMatchObject({
      author: 'ann',
    })
  })

  it('put once more it is the same, whoever puts it', () => {
    expect(stamped({ drainSec: 300 }, RUNNING)).toEqual(RUNNING)
  })

  it('one that is under way goes on when its end is moved, and is then of whoever moved it', () => {
    const expiresAtMs = NOW_MS + 3_600_000
    expect(stamped({ drainSec: 300, expiresAtMs }, RUNNING)).toEqual({
      ...RUNNING,
      expiresAtMs,
      author: 'ann',
    })
  })

  it('one that is over, or only planned, begins now', () => {
    for (const before of [
      { ...RUNNING, drainSec: 0, expiresAtMs: NOW_MS },
      { ...RUNNING, startAtMs: NOW_MS + 1 },
    ])
      expect(stamped({}, before)).toMatchObject({ startAtMs: NOW_MS, author: 'ann' })
  })

  it('one that would end before it has drained is a fault, in its place', () => {
    expect(stamped({ drainSec: 60, expiresAtMs: NOW_MS + 60_000 }, null)).toEqual([
      {
        pointer: '/changes/3/spec/expiresAtMs',
        message: expect.stringContaining('before it has drained') as string,
      },
    ])
  })

  it('overrides are signed as well; nothing else is touched', () => {
    const spec = overrideSchema.parse({ name: 'web/a', state: 'forced-up', reason: 'test' })
    const changes: RequestedChange[] = [
      { op: 'put', kind: 'override', key: 'web/a', spec, pointer: '' },
      { op: 'delete', kind: 'drain', key: 'site/ams', pointer: '' },
    ]
    const about = { configuration: emptyConfiguration(), author: 'ann', wallMs: NOW_MS }
    expect(stampOperations(changes, about)).toEqual({
      kind: 'changes',
      changes: [{ ...changes[0], spec: { ...spec, author: 'ann' } }, changes[1]],
    })
  })
})
