import { afterEach, expect, it } from 'vitest'
import { EXIT } from '../../core/exit-code.ts'
import { startEventServer, type EventServer } from '../testing/event-server.ts'
import { transition } from '../testing/example-status.ts'
import { fakeIo } from '../testing/fake-io.ts'
import { followEvents, type Followed } from './follow-events.ts'

let server: EventServer | null = null
afterEach(() => {
  server?.close()
})

const frame = (id: number, endpoint: string) =>
  `id: ${id}\nevent: transition\ndata: ${JSON.stringify(transition(endpoint))}\n\n`

it('reconnects after a cut, resumes after the last event it saw, and says what it missed', async () => {
  const resumedAfter: (string | undefined)[] = []
  server = await startEventServer((request, response) => {
    resumedAfter.push(request.headers['last-event-id'] as string | undefined)
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    if (resumedAfter.length === 1) {
      response.write(`: hello\n\n${frame(41, 'web/a')}`)
      response.write(frame(42, 'web/b'), () => response.socket?.destroy())
    } else if (resumedAfter.length === 2) {
      response.end('event: reset\nid: 99\ndata: {"reason":"too old"}\n\n')
    } else response.write(`event: news\ndata: {"kind":"unheard-of"}\n\n${frame(100, 'web/c')}`)
  })
  const abort = new AbortController()
  const seen: Followed[] = []
  for await (const followed of followEvents(server.client, fakeIo(), abort.signal)) {
    seen.push(followed)
    if (
      followed.kind === 'event' &&
      followed.event.kind === 'transition' &&
      followed.event.endpoint === 'web/c'
    )
      abort.abort()
  }
  expect(seen.map((one) => one.kind)).toEqual([
    'connected',
    'event',
    'event',
    'lost',
    'connected',
    'gap',
    'lost',
    'connected',
    'event',
  ])
  expect(resumedAfter).toEqual([undefined, '42', '99'])
})

it('fails at once when the very first connection does', async () => {
  server = await startEventServer((_, response) => {
    response.writeHead(401, { 'content-type': 'application/problem+json' }).end('{}')
  })
  const first = followEvents(server.client, fakeIo(), new AbortController().signal).next()
  await expect(first).rejects.toMatchObject({ exitCode: EXIT.denied })
})

it('fails when its token is refused later on', async () => {
  let count = 0
  server = await startEventServer((_, response) => {
    count += 1
    if (count === 1) response.writeHead(200, { 'content-type': 'text/event-stream' }).end(': connected\n\n')
    else response.writeHead(401, { 'content-type': 'application/problem+json' }).end('{}')
  })
  const kinds: string[] = []
  const following = (async () => {
    for await (const { kind } of followEvents(server.client, fakeIo(), new AbortController().signal))
      kinds.push(kind)
  })()
  await expect(following).rejects.toMatchObject({ exitCode: EXIT.denied })
  expect(kinds).toEqual(['connected', 'lost'])
})
