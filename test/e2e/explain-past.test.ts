/** `explain` at a moment of the past, from a real store: what was configured, what was healthy, and what was answered then. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { EXIT } from '../../src/core/exit-code.ts'
import { explanationSchema, type Explanation } from '../../src/core/views/explanation.ts'
import { CliRig, CONFIGURATION } from './cli-rig.ts'
import { until } from './powerdns-rig.ts'

let rig: CliRig
const moments: Record<'empty' | 'bothUp' | 'oneDown' | 'changed', string> = {
  ...{ empty: '', bothUp: '', oneDown: '', changed: '' },
}

/** A moment after everything so far and before everything later. */
async function mark(): Promise<string> {
  const nowMs = Date.now()
  await until('the clock goes on', () => Date.now() > nowMs + 1)
  return new Date(nowMs + 1).toISOString()
}

async function recorded(endpoint: string, count: number): Promise<void> {
  await until(`${count} transitions of ${endpoint} are in the store`, async () => {
    const history = rig.json(await rig.run(['history', endpoint, '--json'])) as unknown[]
    return history.length === count
  })
}

beforeAll(async () => {
  rig = await CliRig.start()
  moments.empty = await mark()
  await rig.run(['apply', '-f', '-'], { input: CONFIGURATION })
  rig.report({ 'web/one': 'up', 'web/two': 'up' })
  await recorded('web/two', 1)
  moments.bothUp = await mark()
  rig.report({ 'web/one': 'up', 'web/two': 'down' })
  await recorded('web/two', 2)
  moments.oneDown = await mark()
  await rig.run(['apply', '-f', '-'], { input: CONFIGURATION.replace('kind: weighted', 'kind: all') })
  moments.changed = await mark()
  rig.report({ 'web/one': 'up', 'web/two': 'up' })
  await recorded('web/two', 3)
})
afterAll(() => rig.stop())

async function explained(at: string): Promise<Explanation> {
  const result = await rig.run(['explain', 'www.example.test', '--at', at, '--json'])
  return explanationSchema.parse(rig.json(result))
}

describe('explain --at', () => {
  it('shows the configuration, the verdicts with their votes, and the answer of that moment', async () => {
    const both = await explained(moments.bothUp)
    expect(both).toMatchObject({ revision: 1, atMs: Date.parse(moments.bothUp) })
    expect(both.answer).toMatchObject({ kind: 'weighted', values: ['192.0.2.1', '192.0.2.2'], ttlSec: 30 })
    const down = await explained(moments.oneDown)
    expect(down).toMatchObject({ revision: 1, answer: { values: ['192.0.2.1'], ttlSec: 15 } })
    const [, two] = down.endpoints
    expect(two).toMatchObject({
      reason: 'down',
      verdict: { state: 'down', votes: [{ site: 'ams', vote: 'down' }] },
    })
    expect(await explained(moments.changed)).toMatchObject({
      ...{ revision: 2, answer: { kind: 'plain', values: ['192.0.2.1'] } },
    })
    const now = explanationSchema.parse(rig.json(await rig.run(['explain', 'www.example.test', '--json'])))
    expect(now).toMatchObject({
      revision: 2,
      atMs: null,
      notKept: [],
      answer: { values: ['192.0.2.1', '192.0.2.2'] },
    })
  })

  it('says in words which moment it is about, and what is not kept of it', async () => {
    const { stdout } = await rig.run(['explain', 'www.example.test', '--at', moments.oneDown])
    expect(stdout).toContain(`www.example.test A, as it was at ${moments.oneDown}`)
    expect(stdout).toContain('by policy, revision 1')
    expect(stdout).toContain('not kept   what each nameserver had published')
    expect(stdout).not.toContain('published  not yet')
    expect(stdout).toMatch(/verdict {3}down for \d/)
  })

  it('takes how long ago it was', async () => {
    const { stderr, code } = await rig.run(['explain', 'www.example.test', '--at', '2h'])
    expect(code).toBe(EXIT.badInput)
    expect(stderr).toContain('/at: this moment is before the first revision, which is of ')
    expect((await explained('0s')).revision).toBe(2)
  })

  it('refuses a moment of which nothing is known, with the reason', async () => {
    const refused = async (at: string) => (await rig.run(['explain', 'www.example.test', '--at', at])).stderr
    expect(await refused(moments.empty)).toContain('/at: this moment is before the first revision')
    expect(await refused('2999-01-01T00:00:00Z')).toContain('/at: this moment is in the future')
    expect(await refused('2001-01-01T00:00:00+01:00')).toMatch(
      /\/at: this moment is before \S+: the history is kept for 30 days \(--history-days\)/,
    )
    expect(await refused('yesterday')).toContain(
      "query 'at': a time such as 2026-11-26T20:15:00Z is expected (RFC 3339)",
    )
  })
})
