/** `fairlead up` where a part cannot start: it ends with one sentence and a code, and leaves nothing running. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { endServer } from '../../src/adapters/powerdns/launch.ts'
import { findServers } from '../../src/adapters/powerdns/running-servers.ts'
import { EXIT } from '../../src/core/exit-code.ts'
import { runFairlead } from './harness/fairlead-process.ts'
import { freePort } from './harness/free-port.ts'

const undo: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
})

function newDataDir(): { readonly dataDir: string; readonly servers: () => { readonly pid: number }[] } {
  const dataDir = mkdtempSync(join(tmpdir(), 'fairlead-start-'))
  writeFileSync(join(dataDir, 'lock'), '')
  const configRoot = join(dataDir, 'powerdns', 'conf')
  const servers = () => findServers(configRoot)
  undo.push(async () => {
    for (const { pid } of servers()) await endServer(pid, configRoot)
    rmSync(dataDir, { recursive: true, force: true })
  })
  return { dataDir, servers }
}

async function runUp(dataDir: string) {
  const port = String(await freePort())
  return runFairlead(['up', '--api', '127.0.0.1:0', '--dns-port', port, '--data-dir', dataDir])
}

it('ends, and PowerDNS with it, when the checker cannot start', async () => {
  const { dataDir, servers } = newDataDir()
  mkdirSync(join(dataDir, 'checker-incarnation.json.tmp', 'full'), { recursive: true })
  const { code, stderr } = await runUp(dataDir)
  expect({ code, stderr }).toEqual({
    code: EXIT.fileAccess,
    stderr: expect.stringContaining('checker-incarnation.json') as string,
  })
  expect(servers()).toEqual([])
})
