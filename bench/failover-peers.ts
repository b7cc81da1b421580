/** The peers of the failover bench, from Debian's packages: gdnsd with its HTTP monitor, PowerDNS with its Lua health checks. */
import { execFile } from 'node:child_process'
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { promisify } from 'node:util'
import type { SystemTarget } from './failover-watch.ts'
import { ENDPOINT_PORT, MORTAL, RISE, SPARE, TTL_SEC, type Thresholds } from './failover-world.ts'
import { Program } from './program.ts'
import { untilAnswered } from './until-answered.ts'

const run = promisify(execFile)

export interface StartedPeer {
  readonly program: Program
  readonly targets: readonly SystemTarget[]
}

const ADDRESS = '127.0.0.1'
const GDNSD_PORT = 5_301
const POWERDNS_PORT = 5_302

export async function startGdnsd(folder: string, thresholds: Thresholds): Promise<StartedPeer> {
  await mkdir(join(folder, 'zones'), { recursive: true })
  await writeFile(join(folder, 'config'), gdnsdConfiguration(folder, thresholds))
  const zone = ['@ SOA ns1 hostmaster ( 1 7200 1800 259200 300 )', '@ NS ns1', 'ns1 A 192.0.2.53']
  await writeFile(
    join(folder, 'zones', 'gdnsd.test'),
    [...zone, `www ${TTL_SEC} DYNA simplefo!www`, ''].join('\n'),
  )
  const program = new Program('gdnsd', ['-c', folder, '-D', 'start'])
  await untilAnswered(GDNSD_PORT, 'www.gdnsd.test')
  return {
    program,
    targets: [{ system: 'gdnsd', address: ADDRESS, port: GDNSD_PORT, name: 'www.gdnsd.test' }],
  }
}

/** It counts failures until so many successes in a row: `ok_thresh` forgets a failure as soon as we do. */
function gdnsdConfiguration(folder: string, { intervalSec, timeoutSec }: Thresholds): string {
  return `options => {
  listen => ${ADDRESS}:${GDNSD_PORT}
  run_dir => ${join(folder, 'run')}
  state_dir => ${join(folder, 'state')}
}
service_types => {
  web => {
    plugin => http_status
    port => ${ENDPOINT_PORT}
    interval => ${intervalSec}
    timeout => ${timeoutSec}
    down_thresh => 2
    up_thresh => ${RISE}
    ok_thresh => 1
  }
}
plugins => {
  simplefo => {
    www => { service_types => web, primary => ${MORTAL}, secondary => ${SPARE} }
  }
}
`
}

const POWERDNS_NAMES = ['ifurlup', 'ifportup'] as const

/** One server, a name for each of its two checks. */
export async function startPowerdns(folder: string, thresholds: Thresholds): Promise<StartedPeer> {
  await mkdir(folder, { recursive: true })
  await chmod(folder, 0o755)
  const database = join(folder, 'powerdns.sqlite')
  await writeFile(join(folder, 'pdns.conf'), powerdnsConfiguration(folder, { database, ...thresholds }))
  using tables = new DatabaseSync(database)
  tables.exec(await readFile('/usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql', 'utf8'))
  const util = (...args: readonly string[]) => run('pdnsutil', ['--config-dir', folder, ...args])
  await util('create-zone', 'powerdns.test', 'ns1.powerdns.test')
  const timeout = `timeout=${thresholds.timeoutSec}`
  const checks = {
    ifurlup: `ifurlup('http://www.powerdns.test:${ENDPOINT_PORT}/', {{'${MORTAL}'}, {'${SPARE}'}}, {${timeout}})`,
    // It knows no tiers before 4.8: the answer holds whatever is up.
    ifportup: `ifportup(${ENDPOINT_PORT}, {'${MORTAL}', '${SPARE}'}, {${timeout}, selector='all'})`,
  }
  for (const name of POWERDNS_NAMES)
    await util('add-record', 'powerdns.test', name, 'LUA', String(TTL_SEC), `A "${checks[name]}"`)
  const program = new Program('pdns_server', [`--config-dir=${folder}`])
  for (const name of POWERDNS_NAMES) await untilAnswered(POWERDNS_PORT, `${name}.powerdns.test`)
  return {
    program,
    targets: POWERDNS_NAMES.map((system) => ({
      ...{ system, address: ADDRESS, port: POWERDNS_PORT, name: `${system}.powerdns.test` },
    })),
  }
}

function powerdnsConfiguration(
  folder: string,
  { database, intervalSec }: Thresholds & { readonly database: string },
): string {
  return `launch=gsqlite3
gsqlite3-database=${database}
local-address=${ADDRESS}
local-port=${POWERDNS_PORT}
socket-dir=${folder}
daemon=no
guardian=no
enable-lua-records=shared
lua-health-checks-interval=${intervalSec}
`
}
