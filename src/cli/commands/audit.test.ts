import { afterEach, expect, it } from 'vitest'
import type { AuditEntryView } from '../../core/views/audit.ts'
import { runCommandLine } from '../run-command-line.ts'
import { startEventServer, type EventServer } from '../testing/event-server.ts'
import { fakeIo } from '../testing/fake-io.ts'

let server: EventServer
afterEach(() => {
  server.close()
})

const entry = (action: string, more: Partial<AuditEntryView> = {}): AuditEntryView => ({
  ...{
    id: action,
    atMs: 1,
    actor: 'ann',
    from: '192.0.2.1',
    action,
    outcome: 'done',
    revision: null,
    detail: '',
  },
  ...{ changes: [{ op: 'put', kind: 'zone', key: 'b.test' }], changeCount: 1, times: 1 },
  ...more,
})

/** What the command prints of these entries, and what it asked for. */
async function audit(pages: readonly (readonly AuditEntryView[])[], ...words: string[]) {
  const asked: URLSearchParams[] = []
  server = await startEventServer((request, response) => {
    asked.push(new URL(request.url ?? '', 'http://control').searchParams)
    const next = asked.length < pages.length ? `${asked.length}.x` : null
    response.end(JSON.stringify({ items: pages[asked.length - 1], next }))
  })
  const io = fakeIo()
  await runCommandLine(['audit', ...words, '--url', server.client.url, '--token', 'token'], io)
  return { asked: asked.map((one) => Object.fromEntries(one)), lines: io.stdout.text.trimEnd().split('\n') }
}

it('tells a change from a proposal, and from what became of it', async () => {
  const actions = ['change', 'propose', 'proposal approved', 'proposal rejected']
  const { lines } = await audit([actions.map((action) => entry(action))])
  expect(lines.slice(1).map((line) => line.split(/ {2,}/)[3])).toEqual([
    'put zone b.test',
    'propose: put zone b.test',
    'proposal approved: put zone b.test',
    'proposal rejected: put zone b.test',
  ])
})

it('asks the control for what was denied, so that it is found however much was done since', async () => {
  expect((await audit([[entry('connect', { outcome: 'denied' })]], '--denied')).asked).toEqual([
    { limit: '50', outcome: 'denied' },
  ])
})

it('asks so for every page', async () => {
  const denied = [entry('connect', { outcome: 'denied' })]
  const { asked, lines } = await audit([denied, denied], '--denied', '--since', '1h')
  expect(asked).toMatchObject([{ outcome: 'denied' }, { outcome: 'denied', after: '1.x' }])
  expect(lines).toHaveLength(3)
})
