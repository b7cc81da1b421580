import { describe, expect, it } from 'vitest'
import { TcpPathProber } from './tcp-path-prober.ts'
import { freePort } from './testing/free-port.ts'
import { rawServer } from './testing/raw-server.ts'
import { blackHole } from './testing/worker-server.ts'

const prober = new TcpPathProber()
const goOn = () => new AbortController().signal

describe('TcpPathProber', () => {
  it('reaches what accepts a connection, and closes it', async () => {
    const { promise: closed, resolve } = Promise.withResolvers<undefined>()
    await using server = await rawServer((socket) => {
      socket.resume()
      socket.once('end', () => {
        resolve(undefined)
      })
    })
    expect(await prober.reach(server.target, 1_000, goOn())).toBe('reached')
    await closed
  })

  it('misses what refuses, what does not answer, and what there is no route to', async () => {
    const refusing = { address: '127.0.0.1', port: await freePort() }
    expect(await prober.reach(refusing, 1_000, goOn())).toBe('missed')
    await using silent = await blackHole()
    expect(await prober.reach(silent.target, 100, goOn())).toBe('missed')
    // The broadcast address: connect() itself fails.
    expect(await prober.reach({ address: '255.255.255.255', port: 80 }, 1_000, goOn())).toBe('missed')
  })

  it('leaves untried what this host could not even try, and what was aborted', async () => {
    expect(await prober.reach({ address: 'not-an-address', port: -1 }, 1_000, goOn())).toBe('untried')
    const abort = new AbortController()
    await using silent = await blackHole()
    const reaching = prober.reach(silent.target, 60_000, abort.signal)
    abort.abort()
    expect(await reaching).toBe('untried')
  })
})
