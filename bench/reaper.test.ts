/** A bench that is killed leaves nothing: neither what it started nor a DNS server of that, nor their ports or files. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, expect, it, vi } from 'vitest'
import { freePort } from '../src/adapters/probes/testing/free-port.ts'

/** As a bench does: a child, and of that a PowerDNS in a session of its own, without the environment. */
const BENCH = `
import { spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { startReaper } from ${JSON.stringify(join(import.meta.dirname, 'start-reaper.ts'))}
const folder = startReaper()
const [port] = process.argv.slice(1)
mkdirSync(folder + '/data')
writeFileSync(folder + '/data/db', '')
writeFileSync(folder + '/data/pdns.conf', ['launch=gsqlite3', 'gsqlite3-database=' + folder + '/data/db', 'local-address=127.0.0.1', 'local-port=' + port, 'socket-dir=' + folder, 'zone-cache-refresh-interval=0'].join('\\n'))
const inner = \`
const { spawn } = require('node:child_process')
const dns = spawn('pdns_server', ['--config-dir=' + process.env.TMPDIR + '/data'], { env: { PATH: '/usr/sbin:/usr/bin' }, detached: true, stdio: 'ignore' })
process.send(dns.pid)
setInterval(() => undefined, 1000)\`
const child = spawn(process.execPath, ['-e', inner], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], detached: true })
child.on('message', (dns) => console.log(JSON.stringify({ folder, pids: [child.pid, dns] })))
`

const isAlive = (pid: number) =>
  existsSync(`/proc/${pid}`) && !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))

async function listens(port: number): Promise<boolean> {
  const server = createServer()
  try {
    await once(server.listen(port, '127.0.0.1'), 'listening')
    return false
  } catch {
    return true
  } finally {
    if (server.listening) await new Promise((resolve) => server.close(resolve))
  }
}

let bench: ChildProcess | null = null
afterEach(() => {
  bench?.kill('SIGKILL')
})

it('ends everything of a bench that was killed, and frees its port', async () => {
  const port = await freePort()
  const killed = spawn(process.execPath, ['--input-type=module', '-e', BENCH, String(port)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  bench = killed
  const [line] = (await once(createInterface({ input: killed.stdout }), 'line')) as [string]
  const { folder, pids } = JSON.parse(line) as { folder: string; pids: number[] }
  await vi.waitFor(async () => {
    expect(await listens(port)).toBe(true)
  }, 10_000)
  killed.kill('SIGKILL')
  await vi.waitFor(async () => {
    expect(pids.filter(isAlive)).toEqual([])
    expect(existsSync(folder)).toBe(false)
    expect(await listens(port)).toBe(false)
  }, 10_000)
})
