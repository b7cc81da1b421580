import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { ControlSocket, ControlSocketError, purgeLines } from './control-socket.ts'

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

async function listening(serve: (line: string, socket: Socket) => void): Promise<ControlSocket> {
  const path = join(mkdtempSync(join(tmpdir(), 'fairlead-ctl-')), 'control')
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.once('data', (bytes) => {
      serve(bytes.toString(), socket)
    })
  }).listen(path)
  await once(server, 'listening')
  closing.push(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return new ControlSocket(path)
}

it('sends one line and takes everything until the server closes', async () => {
  const control = await listening((line, socket) => {
    socket.write(line === 'version\n' ? '4.' : '')
    setImmediate(() => socket.end(line === 'rping\n' ? 'PONG' : '7.3'))
  })
  expect(await control.version()).toBe('4.7.3')
  expect(await control.answers()).toBe(true)
})

it('gives up after its time, on a closed connection, on a wrong answer, and when nobody is there', async () => {
  const silent = await listening(() => undefined)
  expect(await silent.answers(20)).toBe(false)
  await expect(silent.purge(['a.test'], 20)).rejects.toThrow('no answer within 20 ms')
  const odd = await listening((_, socket) => socket.end('Unknown command'))
  await expect(odd.purge(['a.test'])).rejects.toThrow(ControlSocketError)
  expect(await odd.answers()).toBe(false)
  const broken = await listening((_, socket) => socket.destroy())
  expect(await broken.answers()).toBe(false)
  expect(await new ControlSocket('/nonexistent/socket').answers()).toBe(false)
})

it('splits many names over lines, and sends nothing that is not a name', () => {
  const names = Array.from({ length: 30_000 }, (_, index) => `name-${index}.some.example.test`)
  const lines = purgeLines(names)
  expect(lines.length).toBeGreaterThan(1)
  expect(lines.every((line) => line.length < 1_000_000 && line.startsWith('purge '))).toBe(true)
  expect(lines.flatMap((line) => line.split(' ').slice(1))).toEqual(names)
  expect(purgeLines(['*.example.test', 'example.test$', '_sip.x'])).toEqual([
    'purge *.example.test example.test$ _sip.x',
  ])
  for (const name of ['', 'a b', 'a\nquit', 'a\u0000', '$', 'a$b', 'quit\r'])
    expect(() => purgeLines([name])).toThrow(TypeError)
})
