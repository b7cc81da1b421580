import type { ServerResponse } from 'node:http'
import { afterEach, expect, it } from 'vitest'
import { startEventServer, type EventServer } from '../testing/event-server.ts'
import { exampleStatus, transition } from '../testing/example-status.ts'
import { fakeIo, type FakeIo } from '../testing/fake-io.ts'
import { runLiveView } from './run-live-view.ts'

let server: EventServer | null = null
afterEach(() => {
  server?.close()
})

/** Resolves once the screen has shown this. */
function shown(io: FakeIo, words: string): Promise<void> {
  return new Promise((resolve) => {
    const write = io.stdout.write.bind(io.stdout)
    io.stdout.write = (text) => {
      write(text)
      if (text.includes(words)) resolve()
    }
  })
}

it('turns a burst of events into few requests, outlives a lost server, and restores the terminal', async () => {
  const streams: ServerResponse[] = []
  let requests = 0
  let fails = false
  let revision = 1
  server = await startEventServer((request, response) => {
    if (request.url === '/v1/events') {
      streams.push(response.writeHead(200, { 'content-type': 'text/event-stream' }))
      response.write(': hello\n\n')
      return
    }
    requests += 1
    if (fails) response.socket?.destroy()
    else response.end(JSON.stringify({ ...exampleStatus(), revision }))
  })
  const io = fakeIo()
  io.stdout.isTerminal = true
  const abort = new AbortController()
  const begun = shown(io, 'revision 1 ')
  const view = runLiveView({ client: server.client, io, hints: ['type this'], signal: abort.signal })
  await begun

  const renewed = shown(io, 'revision 2 ')
  revision = 2
  const before = requests
  const burst = Array.from(
    { length: 500 },
    (_, id) => `id: ${id}\ndata: ${JSON.stringify(transition('web/a'))}\n\n`,
  )
  for (const stream of streams) stream.write(burst.join(''))
  await renewed
  expect(requests - before).toBeLessThan(20)

  const lost = shown(io, 'not connected, what is shown is old')
  fails = true
  for (const stream of streams.splice(0)) stream.destroy()
  await lost
  const back = shown(io, 'revision 3 ')
  revision = 3
  fails = false
  await back

  const resized = shown(io, 'Fairlead 0…')
  io.stdout.resize({ columns: 11, rows: 5 })
  await resized
  abort.abort()
  await view
  expect(io.stdout.text.startsWith('\u001b[?1049h\u001b[?25l')).toBe(true)
  expect(io.stdout.text.endsWith('\u001b[?25h\u001b[?1049l')).toBe(true)
})

it('restores the terminal when the process ends in any other way, once', async () => {
  server = await startEventServer((request, response) => {
    if (request.url === '/v1/events') response.writeHead(200).write(': hello\n\n')
    else response.end(JSON.stringify(exampleStatus()))
  })
  const io = fakeIo()
  const abort = new AbortController()
  const begun = shown(io, 'revision 3')
  const view = runLiveView({ client: server.client, io, hints: [], signal: abort.signal })
  await begun
  io.exit()
  expect(io.stdout.text.endsWith('\u001b[?1049l')).toBe(true)
  abort.abort()
  await view
  expect(io.stdout.text.split('\u001b[?1049l')).toHaveLength(2)
})
