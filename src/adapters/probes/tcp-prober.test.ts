import type { Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { probeTcp } from './testing/probe-once.ts'
import { blackHole } from './testing/worker-server.ts'
import { freePort } from './testing/free-port.ts'
import { rawServer } from './testing/raw-server.ts'

const echo = (socket: Socket) => {
  socket.pipe(socket)
}

it.each(['127.0.0.1', '::1'])('succeeds when %s accepts', async (address) => {
  await using server = await rawServer(() => undefined, address)
  const result = await probeTcp(server.target)
  expect(result).toMatchObject({ kind: 'success', degraded: false, detail: 'connected' })
  expect(Object.keys(result.phases).sort()).toEqual(['connectMs', 'totalMs'])
})

describe('a host name', () => {
  it('is looked up, and the connection decides', async () => {
    await using server = await rawServer(() => undefined)
    const target = { ...server.target, address: 'localhost' }
    expect(await probeTcp(target)).toMatchObject({ kind: 'success', detail: 'connected' })
    expect(await probeTcp(target, { sourceAddress: '127.0.0.78' })).toMatchObject({ kind: 'success' })
    const nobody = { address: 'localhost', port: await freePort() }
    expect(await probeTcp(nobody)).toMatchObject({ kind: 'failure', detail: 'connection refused' })
  })

  it('that our resolver does not know, or not in time, is our own fault: no vote', async () => {
    const target = { address: 'nowhere.invalid', port: 80 }
    const result = await probeTcp(target, { timeoutMs: 1_000 })
    expect(result.kind).toBe('local-error')
    expect(result.detail).toMatch(/^the resolver of this host|waiting for the name lookup$/)
  })
})

it('fails when nobody listens', async () => {
  const target = { address: '127.0.0.1', port: await freePort() }
  expect(await probeTcp(target)).toMatchObject({ kind: 'failure', detail: 'connection refused' })
})

it('times out when the connection attempt is not answered', async () => {
  await using hole = await blackHole()
  const result = await probeTcp(hole.target, { timeoutMs: 80 })
  expect(result).toMatchObject({
    kind: 'failure',
    detail: 'timed out after 80 ms waiting for the connection',
    phases: { totalMs: expect.any(Number) as number },
  })
})

it('times out when the expected text does not come', async () => {
  await using server = await rawServer(() => undefined)
  const result = await probeTcp(server.target, { expect: 'never', timeoutMs: 60 })
  expect(result).toMatchObject({ kind: 'failure', detail: 'timed out after 60 ms waiting for the reply' })
})

it('comes from the source address', async () => {
  const peers: (string | undefined)[] = []
  await using server = await rawServer((socket) => {
    peers.push(socket.remoteAddress)
    socket.end('x')
  })
  const fields = { sourceAddress: '127.0.0.78', expect: 'x' }
  expect(await probeTcp(server.target, fields)).toMatchObject({ kind: 'success' })
  expect(peers).toEqual(['127.0.0.78'])
})

describe('send and expect', () => {
  it('sends without waiting for a reply', async () => {
    const { promise, resolve } = Promise.withResolvers<string>()
    await using server = await rawServer((socket) => {
      socket.once('data', (bytes: Buffer) => {
        resolve(bytes.toString())
      })
    })
    expect(await probeTcp(server.target, { send: 'QUIT\r\n' })).toMatchObject({
      detail: 'connected and sent',
    })
    expect(await promise).toBe('QUIT\r\n')
  })

  it('awaits a text that is sent unasked', async () => {
    await using server = await rawServer((socket) => socket.write('220 mail ready\r\n'))
    const result = await probeTcp(server.target, { expect: '220 ' })
    expect(result).toMatchObject({ kind: 'success', detail: 'connected, and the expected text came' })
    expect(Object.keys(result.phases).sort()).toEqual(['connectMs', 'firstByteMs', 'totalMs'])
  })

  it('finds a text that comes in pieces', async () => {
    await using server = await rawServer((socket) => {
      const pieces = ['..+PO', 'N', 'G..']
      const next = () => {
        const piece = pieces.shift()
        if (piece !== undefined) socket.write(piece, () => setImmediate(next))
      }
      socket.once('data', next)
    })
    expect(await probeTcp(server.target, { send: 'PING\r\n', expect: '+PONG' })).toMatchObject({
      kind: 'success',
    })
  })

  it('fails when the peer closes first', async () => {
    await using server = await rawServer((socket) => socket.end('no such text'))
    expect(await probeTcp(server.target, { expect: 'pong' })).toMatchObject({
      kind: 'failure',
      detail: 'closed after 12 bytes without the expected text',
    })
  })

  it('looks at the first 64 KiB', async () => {
    await using server = await rawServer((socket) => socket.end('x'.repeat(65_530) + 'LATE-TEXT'))
    expect(await probeTcp(server.target, { expect: 'LATE-TEXT' })).toMatchObject({
      kind: 'failure',
      detail: 'the expected text is not in the first 65536 bytes',
    })
    expect(await probeTcp(server.target, { expect: 'LATE-T' })).toMatchObject({ kind: 'success' })
  })

  it('fails when the peer resets', async () => {
    await using server = await rawServer((socket) => socket.once('data', () => socket.resetAndDestroy()))
    const fields = { send: 'x', expect: 'y' }
    expect(await probeTcp(server.target, fields)).toMatchObject({
      kind: 'failure',
      detail: 'connection reset',
    })
  })

  it('gets back what it sent, as UTF-8', async () => {
    await using server = await rawServer(echo)
    expect(await probeTcp(server.target, { send: 'écho', expect: 'écho' })).toMatchObject({ kind: 'success' })
  })
})
