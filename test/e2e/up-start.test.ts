/** `fairlead up` where a part cannot start: it ends with one sentence and a code, and leaves nothing running. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, expect, it } from 'vitest'
import { endServer } from '../../src/adapters/powerdns/launch.ts'
import { findServers } from '../../src/adapters/powerdns/running-servers.ts'
import { EXIT } from '../../src/core/exit-code.ts'
import { runFairlead } from './harness/fairlead-process.ts'
import { freePort } from '../../src/adapters/probes/testing/free-port.ts'

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

async function runUp(dataDir: string, ...more: string[]) {
  const port = String(await freePort())
  return runFairlead([
    'up',
    ...more,
    '--log-level',
    'silent',
    '--api',
    '127.0.0.1:0',
    '--dns-port',
    port,
    '--data-dir',
    dataDir,
  ])
}

it('ends, and PowerDNS with it, when the checker cannot start', async () => {
  const { dataDir, servers } = newDataDir()
  mkdirSync(join(dataDir, 'checker-incarnation.json.new', 'full'), { recursive: true })
  const { code, stderr } = await runUp(dataDir)
  expect({ code, stderr }).toEqual({
    code: EXIT.fileAccess,
    stderr: expect.stringContaining('checker-incarnation.json') as string,
  })
  expect(servers()).toEqual([])
})

const folderAt = (name: string) => (dataDir: string) => {
  mkdirSync(join(dataDir, name, 'full'), { recursive: true })
}
const store = (statement: string) => (dataDir: string) => {
  const database = new DatabaseSync(join(dataDir, 'control.sqlite'))
  database.exec(statement)
  database.close()
}

it.each([
  ['control.sqlite is a folder', 'control.sqlite', folderAt('control.sqlite')],
  [
    'control.sqlite is damaged',
    'control.sqlite',
    (dataDir: string) => {
      writeFileSync(join(dataDir, 'control.sqlite'), 'this is not a database, but long enough. '.repeat(40))
    },
  ],
  [
    'control.sqlite is of a newer program',
    'control.sqlite',
    store(`create table migrations (number integer primary key, name text);
      insert into migrations values (99, 'breaking: from the future')`),
  ],
  ["PowerDNS's database is a folder", 'zones.db', folderAt('powerdns/zones.db')],
  ['the saved verdicts are a folder', 'verdicts.json', folderAt('verdicts.json')],
  ['api-url is a folder', 'api-url', folderAt('api-url')],
  ['the token is a folder', 'token', folderAt('token')],
  ['what was applied last is a folder', 'applied-file.json', folderAt('applied-file.json')],
])('says in one sentence that %s, and leaves nothing running', async (_, named, prepare) => {
  const { dataDir, servers } = newDataDir()
  prepare(dataDir)
  const file = join(dataDir, '..', `${basename(dataDir)}.yaml`)
  writeFileSync(file, 'sites: [{name: ams}]\n')
  undo.push(() => {
    rmSync(file)
  })
  const { code, stderr } = await runUp(dataDir, file)
  const last = stderr.trimEnd().split('\n').at(-1)
  expect({ code, last }).toEqual({
    code: EXIT.fileAccess,
    last: expect.stringMatching(new RegExp(`^(?:error|fairlead): .*${named}`)) as string,
  })
  expect(stderr).not.toMatch(/^\s+at /m)
  expect(servers()).toEqual([])
})
