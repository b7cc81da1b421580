/**
 * setup.sh against a made-up machine: every program it calls is a stub on PATH that records its call and keeps a small package
 * database. What must stay true is the machine's: an operator's PowerDNS is never touched, ours never runs by itself.
 */
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const TOOLS = 'bash cat chmod cmp cp cut dirname env grep head mkdir mktemp mv rm sh sort touch uname'.split(
  ' ',
)
const VERSION = '4.7.3-2'
const NEEDED = ['pdns-server', 'pdns-backend-sqlite3', 'bind9-dnsutils']

/** Bodies of the stubs. `$db` is the package database, one file a package, holding what dpkg-query prints. */
const STUBS: Readonly<Record<string, string>> = {
  'apt-get': `
case " $* " in
  *' update '*) touch "$db/.lists" ;;
  *' install '*)
    [ -e "$db/.broken" ] && [ ! -e "$db/.lists" ] && { echo 'E: 404 Not Found' >&2; exit 100; }
    for word; do case "$word" in
      pdns-server*|pdns-backend*|bind9*|chromium|dnsdist|etcd-server|knot|ldnsutils|dnsperf|iproute2|mount|openssl|patroni|procps|sqlite3|systemd|util-linux)
        for unit in pdns pdns.service named knot.service etcd patroni.service ssh; do
          if [ -x "$FAIRLEAD_SETUP_ROOT/usr/sbin/policy-rc.d" ]; then
            if "$FAIRLEAD_SETUP_ROOT/usr/sbin/policy-rc.d" "$unit" restart; then rc=0; else rc=$?; fi
          else rc=0; fi
          echo "policy $unit $rc" >>"$calls"
        done
        printf 'install ok installed ${VERSION}' >"$db/\${word%%=*}"
        [ -e "$db/.killed" ] && { rm "$db/.killed"; kill -9 $PPID; exit 1; }
        [ -e "$db/.fails-after-first" ] && exit 100 ;;
    esac; done ;;
esac
exit 0`,
  'apt-cache': '[ -e "$db/.lists" ]',
  'dpkg-query': 'for package; do :; done; [ -e "$db/$package" ] && cat "$db/$package"',
  systemctl: 'exit 0',
  sudo: '[ "$1" = -v ] && { [ ! -e "$db/.no-sudo" ]; exit; }; exec "$@"',
  id: '[ -e "$db/.user" ] && echo 1000 || echo 0',
  node: 'echo "${node:-20.20.2}"',
  npm: 'mkdir -p node_modules/.bin; cp "$stubs/node24" node_modules/.bin/node',
  node24: 'echo "${node24:-24.21.0}"',
}

let home: string
const at = (...parts: string[]) => join(home, ...parts)

function write(path: string, text: string, mode = 0o644): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
  chmodSync(path, mode)
}

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'fairlead-setup-'))
  for (const folder of ['db', 'root/usr/sbin', 'root/run/systemd/system', 'tree'])
    mkdirSync(at(folder), { recursive: true })
  for (const [name, body] of Object.entries(STUBS))
    write(
      at('bin', name),
      `#!/bin/bash\ndb='${at('db')}' calls='${at('calls')}' stubs='${at('bin')}'\necho "${name} $*" >>"$calls"\n${body}\n`,
      0o755,
    )
  for (const tool of TOOLS) symlinkSync(`/usr/bin/${tool}`, at('bin', tool))
  cpSync(join(import.meta.dirname, 'setup.sh'), at('tree/scripts/setup.sh'))
  write(at('tree/package-lock.json'), '{}')
  write(at('db/.lists'), '')
})

afterEach(() => {
  rmSync(home, { recursive: true })
})

function run(options: { args?: string[]; environment?: Record<string, string> } = {}) {
  writeFileSync(at('calls'), '')
  const result = spawnSync('/usr/bin/bash', [at('tree/scripts/setup.sh'), ...(options.args ?? [])], {
    env: { PATH: at('bin'), FAIRLEAD_SETUP_ROOT: at('root'), TMPDIR: home, ...options.environment },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const calls = readFileSync(at('calls'), 'utf8').trim().split('\n')
  return { code: result.status, out: result.stdout, err: result.stderr, calls }
}

const installed = (name: string, state = `install ok installed ${VERSION}`) => {
  write(at('db', name), state)
}
const policyFile = () => at('root/usr/sbin/policy-rc.d')
const touchesPdns = (calls: readonly string[]) => calls.filter((call) => call.startsWith('systemctl'))

describe('Debian packages', () => {
  it('installs all of them on a fresh machine, says so, and leaves no PowerDNS running or enabled', () => {
    const { code, out, calls } = run()
    expect(code).toBe(0)
    expect(out).toContain(`installing the Debian packages ${NEEDED.join(' ')}`)
    expect(calls).toContainEqual(
      expect.stringMatching(/apt-get .*install --no-install-recommends pdns-server/),
    )
    expect(calls).toContain('policy pdns 101')
    expect(calls).toContain('policy pdns.service 101')
    expect(calls).toContain('policy ssh 0')
    expect(touchesPdns(calls)).toEqual(['systemctl disable --now --quiet pdns.service'])
    expect(existsSync(policyFile())).toBe(false)
  })

  it('does nothing and says nothing the second time', () => {
    run()
    const { code, out, err, calls } = run()
    expect({ code, out, err }).toEqual({ code: 0, out: '', err: '' })
    expect(calls.every((call) => call.startsWith('dpkg-query'))).toBe(true)
  })

  it('does not reach for a service manager that does not run', () => {
    rmSync(at('root/run/systemd'), { recursive: true })
    expect(touchesPdns(run().calls)).toEqual(['systemctl disable --quiet pdns.service'])
  })

  it('never touches a PowerDNS that was there: same version, no start, no stop, no restart by the trigger', () => {
    installed('pdns-server')
    const { code, calls } = run()
    expect(code).toBe(0)
    expect(calls).toContainEqual(expect.stringContaining(`pdns-backend-sqlite3=${VERSION} bind9-dnsutils`))
    expect(calls).not.toContain('policy pdns 0')
    expect(touchesPdns(calls)).toEqual([])
    expect(existsSync(policyFile())).toBe(false)
  })

  it('counts a PowerDNS that was removed but not purged as not there', () => {
    installed('pdns-server', `deinstall ok config-files ${VERSION}`)
    expect(touchesPdns(run().calls)).toHaveLength(1)
  })

  it("leaves the operator's own policy-rc.d alone", () => {
    const own = '#!/bin/sh\nexit 101\n'
    write(policyFile(), own, 0o755)
    expect(run().code).toBe(0)
    expect(readFileSync(policyFile(), 'utf8')).toBe(own)
  })

  it("refuses to add the backend where the operator's policy would let it restart their PowerDNS", () => {
    write(policyFile(), '#!/bin/sh\nexit 0\n', 0o755)
    installed('pdns-server')
    const { code, err, calls } = run()
    expect(code).toBe(6)
    expect(err).toContain('would restart the PowerDNS of this machine')
    expect(calls.some((call) => call.includes(' install '))).toBe(false)
  })

  it('updates the lists only when they know no such package', () => {
    expect(run().calls.some((call) => call.includes(' update'))).toBe(false)
    for (const name of [...NEEDED, '.lists']) rmSync(at('db', name))
    expect(run().calls.some((call) => call.includes(' update'))).toBe(true)
  })

  it('updates the lists and tries once more when they are old', () => {
    write(at('bin/apt-cache'), '#!/bin/sh\nexit 0\n', 0o755)
    write(at('db/.broken'), '')
    rmSync(at('db/.lists'))
    const { code, calls } = run()
    expect(code).toBe(0)
    expect(calls.filter((call) => call.includes(' install '))).toHaveLength(2)
  })

  it('cleans up when the installation fails half-way: policy gone, service off', () => {
    write(at('db/.fails-after-first'), '')
    const { code, err, calls } = run()
    expect(code).toBe(6)
    expect(err).toContain('apt-get could not install')
    expect(existsSync(policyFile())).toBe(false)
    expect(touchesPdns(calls)).toHaveLength(1)
  })

  it('finishes what a run that was killed in the middle left behind', () => {
    write(at('db/.killed'), '')
    expect(run().code).toBe(null)
    expect(existsSync(policyFile())).toBe(true)
    const { code, calls } = run()
    expect(code).toBe(0)
    expect(touchesPdns(calls)).toHaveLength(1)
    expect(existsSync(policyFile())).toBe(false)
  })

  it("does not take an operator's PowerDNS for its own after being killed in the middle", () => {
    installed('pdns-server')
    write(at('db/.killed'), '')
    expect(run().code).toBe(null)
    const { code, calls } = run()
    expect(code).toBe(0)
    expect(touchesPdns(calls)).toEqual([])
    expect(existsSync(policyFile())).toBe(false)
  })

  it('turns off the services that a run that was killed had begun to install, and no others', () => {
    installed('knot')
    write(at('db/.killed'), '')
    expect(run({ args: ['--for-tests'] }).code).toBe(null)
    for (const name of ['bind9', 'dnsdist']) installed(name)
    const { code, calls } = run({ args: ['--for-tests'] })
    expect(code).toBe(0)
    expect(calls).toContain('systemctl disable --now --quiet named.service')
    expect(calls).toContain('systemctl disable --now --quiet dnsdist.service')
    expect(calls).not.toContain('systemctl disable --now --quiet knot.service')
  })

  it('goes through sudo when it is not root', () => {
    write(at('db/.user'), '')
    const { code, calls } = run()
    expect(code).toBe(0)
    expect(calls).toContainEqual(expect.stringMatching(/^sudo env .*apt-get .*install/))
  })

  it('names the packages and stops without root and without sudo', () => {
    write(at('db/.user'), '')
    write(at('db/.no-sudo'), '')
    const { code, err } = run()
    expect(code).toBe(6)
    expect(err).toContain(NEEDED.join(' '))
  })

  it('names the packages and stops where there is no apt', () => {
    rmSync(at('bin/apt-get'))
    const { code, err, calls } = run()
    expect(code).toBe(6)
    expect(err).toContain(`not a Debian-like system`)
    expect(err).toContain(NEEDED.join(' '))
    expect(calls).toEqual([''])
  })

  it('goes on where there is no apt but nothing is missing', () => {
    rmSync(at('bin/apt-get'))
    for (const name of ['pdns_server', 'pdns_control', 'dig']) write(at('bin', name), '#!/bin/sh\n', 0o755)
    expect(run().code).toBe(0)
  })

  it('installs what the tests need when asked', () => {
    const { out, calls } = run({ args: ['--for-tests'] })
    expect(out).toContain('dnsperf')
    for (const unit of ['pdns', 'named', 'knot.service', 'etcd', 'patroni.service'])
      expect(calls).toContain(`policy ${unit} 101`)
    expect(calls).not.toContain('policy named 0')
    expect(calls).toContain('policy ssh 0')
    for (const service of ['named', 'knot', 'dnsdist', 'etcd', 'patroni'])
      expect(calls).toContain(`systemctl disable --now --quiet ${service}.service`)
    expect(run({ args: ['--nonsense'] }).code).toBe(2)
  })
})

describe('Node and npm packages', () => {
  it('runs npm ci once, and again when the lock file changes', () => {
    expect(run().calls).toContainEqual(expect.stringMatching(/^npm ci/))
    expect(run().calls).not.toContainEqual(expect.stringMatching(/^npm/))
    write(at('tree/package-lock.json'), '{"changed": true}')
    expect(run().calls).toContainEqual(expect.stringMatching(/^npm ci/))
  })

  it('runs npm ci again after one that failed', () => {
    const npm = readFileSync(at('bin/npm'), 'utf8')
    write(at('bin/npm'), '#!/bin/sh\nexit 1\n', 0o755)
    expect(run().code).toBe(1)
    write(at('bin/npm'), npm, 0o755)
    expect(run().calls).toContainEqual(expect.stringMatching(/^npm ci/))
  })

  it.each([
    ['an old Node.js', { node: '18.19.0' }, 'Node.js 20 or later is needed'],
    ['an old pinned Node.js', { node24: '24.9.0' }, 'Node.js 24.15 or later is needed'],
  ])('stops at %s', (_, environment, sentence) => {
    const { code, err } = run({ environment })
    expect(code).toBe(6)
    expect(err).toContain(sentence)
  })

  it('stops where there is no Node.js at all, and where there is none to pin', () => {
    write(at('bin/npm'), '#!/bin/sh\nmkdir -p node_modules\n', 0o755)
    expect(run().err).toContain('there is no Node.js 24 for this machine')
    rmSync(at('bin/npm'))
    const { code, err } = run()
    expect(code).toBe(6)
    expect(err).toContain('Node.js 20 or later with npm is needed')
  })
})
