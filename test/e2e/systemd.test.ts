/**
 * The unit files of examples/systemd: systemd finds no fault in them, they keep their promises about privileges, and the
 * command line of the unit runs as it stands, as an unprivileged user with the unit's one capability, on port 53.
 * systemd itself is not process 1 where tests run, so the container of the run is made here: own mounts, own network.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import {
  CHECKER_SETTINGS,
  CONTROL_SETTINGS,
  NAMESERVER_SETTINGS,
} from '../../src/cli/settings/process-settings.ts'

const ROOT = join(import.meta.dirname, '../..')
const UNIT = join(ROOT, 'examples/systemd/fairlead.service')
const unit = readFileSync(UNIT, 'utf8')
const PROCESSES = { control: CONTROL_SETTINGS, checker: CHECKER_SETTINGS, nameserver: NAMESERVER_SETTINGS }

let folder: string
let child: ChildProcess | null = null

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fairlead-systemd-'))
})

afterEach(async () => {
  if (child?.pid !== undefined && child.exitCode === null) {
    const exited = once(child, 'exit')
    process.kill(-child.pid, 'SIGKILL')
    await exited
  }
  child = null
  rmSync(folder, { recursive: true, force: true })
})

/** All values of a setting, in order. */
function settings(name: string): string[] {
  return [...unit.matchAll(new RegExp(`^${name}=(.*)$`, 'gm'))].map((match) => match[1]!)
}

function run(program: string, args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' })
  return { status, output: `${stdout}${stderr}` }
}

const UNITS = ['fairlead', 'fairlead-control', 'fairlead-checker', 'fairlead-nameserver']

describe.each(UNITS)('the unit %s', (name) => {
  const file = join(ROOT, 'examples/systemd', `${name}.service`)

  it('has no fault that systemd can see', () => {
    const installed = join(folder, `${name}.service`)
    writeFileSync(installed, readFileSync(file, 'utf8').replaceAll('/opt/fairlead', ROOT))
    expect(run('systemd-analyze', ['verify', '--man=no', installed])).toEqual({ status: 0, output: '' })
  })

  it('exposes little', () => {
    // The threshold is in tenths: 2.0 of 10.
    const { status, output } = run('systemd-analyze', [
      'security',
      '--offline=true',
      '--threshold=20',
      '--no-pager',
      file,
    ])
    expect(status, output).toBe(0)
  })
})

describe('the units', () => {
  it('of the single processes name settings that are there and that the processes take', () => {
    for (const [process, table] of Object.entries(PROCESSES)) {
      const text = readFileSync(join(ROOT, 'examples/systemd', `fairlead-${process}.service`), 'utf8')
      expect(text).toContain(`/opt/fairlead/bin/fairlead ${process} --config /etc/fairlead/${process}.yaml`)
      expect(text).toContain('ExecReload=/bin/kill -HUP $MAINPID')
      const settings = parse(
        readFileSync(join(ROOT, 'examples/processes', `${process}.yaml`), 'utf8'),
      ) as object
      expect(table.schema.safeParse(settings)).toMatchObject({
        success: true,
        data: { dataDir: `/var/lib/fairlead-${process}` },
      })
      expect(text).toContain(`StateDirectory=fairlead-${process}\n`)
    }
  })

  it('lets PowerDNS answer on when Fairlead ends', () => {
    expect(settings('KillMode')).toEqual(['process'])
    expect(settings('ExecStart')[0]).toContain('--leave-powerdns')
  })

  it('names a user that the sysusers file makes', () => {
    const [user] = settings('User')
    mkdirSync(join(folder, 'etc'))
    const sysusers = readFileSync(join(ROOT, 'examples/systemd/fairlead.sysusers'), 'utf8')
    expect(sysusers).toMatch(new RegExp(`^u ${user!} - `, 'm'))
    const { status, output } = run('systemd-sysusers', [
      `--root=${folder}`,
      join(ROOT, 'examples/systemd/fairlead.sysusers'),
    ])
    expect(status, output).toBe(0)
    expect(readFileSync(join(folder, 'etc/passwd'), 'utf8')).toMatch(/^fairlead:/m)
  })
})

describe('its command line', () => {
  it('runs as it stands: unprivileged, on port 53, in the state directory', async () => {
    const log = join(folder, 'log')
    writeFileSync(log, '')
    // The tree may lie where the service user cannot look: mounted where the unit expects it, like an installation.
    const script = `
      set -e
      mount -t tmpfs tmpfs /opt && mkdir /opt/fairlead && mount --bind '${ROOT}' /opt/fairlead
      mount -t tmpfs -o mode=0755 tmpfs /var/lib && mkdir -m 0700 /var/lib/fairlead && chown nobody /var/lib/fairlead
      ip link set lo up
      cd /
      ${settings('ExecStart')[0]!.replace(/^/, 'setpriv --reuid=nobody --clear-groups --no-new-privs --bounding-set=-all,+net_bind_service --inh-caps=-all,+net_bind_service --ambient-caps=-all,+net_bind_service ')} >'${log}' 2>&1 &
      for try in $(seq 200); do
        if dig @127.0.0.1 +short +tries=1 +time=1 version.bind CH TXT >/dev/null 2>&1 && [ -s /var/lib/fairlead/api-url ]; then break; fi
        sleep 0.1
      done
      echo "status $(/opt/fairlead/bin/fairlead status --data-dir /var/lib/fairlead --json | tr -d ' \\n' | cut -c1-100)"
      echo "server $(ps -C pdns_server -o user=,args=)"
      ss -Hlun 'sport = :53'`
    child = spawn(
      'unshare',
      ['--mount', '--net', '--pid', '--fork', '--mount-proc', '--kill-child', 'bash', '-c', script],
      {
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    )
    let output = ''
    child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()))
    child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()))
    await once(child, 'exit')
    const all = `${output}\n${readFileSync(log, 'utf8')}`
    expect(all).toMatch(/^status \{"version":/m)
    expect(all).toMatch(/^server nobody .*pdns_server/m)
    expect(all).toMatch(/0\.0\.0\.0:53/)
    expect(all).toMatch(/\[::\]:53/)
  })
})
