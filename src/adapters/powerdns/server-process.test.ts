/** What the supervision of a DNS server does where the server is slow, on the real PowerDNS. The rest: test/e2e/powerdns-lifecycle. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, expect, it, vi } from 'vitest'
import { systemClock } from '../clock/system-clock.ts'
import { DnsClient } from '../dns-client/dns-client.ts'
import { freePort } from '../probes/testing/free-port.ts'
import { renderConfig } from './config.ts'
import { ControlSocket } from './control-socket.ts'
import { ServerFiles } from './server-files.ts'
import { ServerProcess } from './server-process.ts'
import { SqliteZoneStorage } from './sqlite-zone-storage.ts'

const folder = mkdtempSync(join(tmpdir(), 'fairlead-server-'))
let server: ServerProcess | null = null
afterEach(async () => {
  await server?.stop()
  rmSync(folder, { recursive: true, force: true })
})

it('keeps a server that answers and does not say its version in time, and asks again', async () => {
  const files = new ServerFiles(folder)
  files.prepare()
  const [port, said] = [await freePort(), new ControlSocket(files.socketPath)]
  const storage = new SqliteZoneStorage({
    ...{ path: files.databasePath, luaDirectory: files.luaDirectory, mode: 0o600, clock: systemClock },
    ...{ whenDamaged: 'throw', onRebuilt: () => undefined },
  })
  await storage.open()
  await storage.close()
  const nobody = new ControlSocket(join(folder, 'nobody'))
  let asked = 0
  const client = new DnsClient({ address: '127.0.0.1', port })
  server = new ServerProcess({
    ...{
      binary: 'pdns_server',
      files,
      leaveRunning: false,
      clock: systemClock,
      logger: pino({ level: 'silent' }),
    },
    listen: { addresses: ['127.0.0.1'], port },
    config: renderConfig({
      ...{ addresses: ['127.0.0.1'], port, databasePath: files.databasePath },
      ...{ socketDir: files.socketDir, receiverThreads: 1 },
    }),
    control: {
      answers: (timeoutMs) => said.answers(timeoutMs),
      version: (timeoutMs) => ((asked += 1) === 1 ? nobody : said).version(timeoutMs),
    },
    dnsAnswers: async (timeoutMs) =>
      (await client.query({ name: 'probe.invalid', type: 'SOA' }, { timeoutMs })).kind === 'reply',
    listener: { onStatus: () => undefined, onRestarted: () => undefined, onAlarm: () => undefined },
  })
  await server.start({ fresh: true })
  expect(server.status()).toMatchObject({ state: 'running', restarts: 0 })
  await vi.waitFor(
    () => {
      expect(server?.status().version).toMatch(/^\d/)
    },
    { timeout: 10_000 },
  )
  expect(server.status().restarts).toBe(0)
})
