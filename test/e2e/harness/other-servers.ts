/** DNS servers that others run, from Debian's packages, on loopback: BIND and Knot as secondaries of zones. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { askDns } from '../../../src/adapters/dns-client/ask-dns.ts'
import { eventually } from './eventually.ts'

export interface TsigKeyText {
  readonly name: string
  readonly algorithm: string
  readonly secret: string
}

export interface SecondaryOptions {
  readonly folder: string
  readonly port: number
  readonly zones: readonly string[]
  readonly primaries: readonly number[]
  readonly key: TsigKeyText
  /** Of BIND: how many serials it asks for in a second; with its default of 20 it does so twice a second. */
  readonly serialQueryRate?: number
}

/** A server in the foreground, with its log in its folder. */
export class OtherServer {
  readonly port: number
  readonly #command: readonly string[]
  readonly #log: string
  #child: ChildProcess | null = null

  constructor(about: {
    readonly port: number
    readonly command: readonly string[]
    readonly folder: string
  }) {
    this.port = about.port
    this.#command = about.command
    this.#log = join(about.folder, 'server.log')
  }

  /** Resolves when it answers anything at all. */
  async start(): Promise<void> {
    const [program = '', ...args] = this.#command
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    const log = createWriteStream(this.#log, { flags: 'a' })
    child.stdout.pipe(log)
    child.stderr.pipe(log)
    this.#child = child
    await once(child, 'spawn')
    await eventually(async () => {
      if (child.exitCode !== null) throw new Error(`${program} ended: see ${this.#log}`)
      const answer = await askDns(
        { address: '127.0.0.1', port: this.port },
        { name: 'probe.invalid', type: 'SOA' },
      )
      if (answer.kind === 'no-answer') throw new Error(`${program}: ${answer.detail}`)
    })
  }

  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const child = this.#child
    this.#child = null
    if (child === null || child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill(signal)
    await exited
  }
}

/** BIND 9 as a secondary. */
export function bindSecondary(options: SecondaryOptions): OtherServer {
  const { folder, port, zones, primaries, key, serialQueryRate = 20 } = options
  mkdirSync(folder, { recursive: true })
  const from = primaries.map((primary) => `127.0.0.1 port ${primary} key ${key.name};`).join(' ')
  const conf = `key ${key.name} { algorithm ${key.algorithm}; secret "${key.secret}"; };
options {
  directory "${folder}"; pid-file "${folder}/named.pid"; session-keyfile "${folder}/session.key";
  listen-on port ${port} { 127.0.0.1; }; listen-on-v6 { none; };
  recursion no; dnssec-validation no; notify no; minimal-responses yes;
  min-refresh-time 1; min-retry-time 1; serial-query-rate ${serialQueryRate};
};
controls { };
${zones.map((zone) => `zone "${zone}" { type secondary; primaries { ${from} }; file "${folder}/${zone}.db"; masterfile-format text; };`).join('\n')}
`
  writeFileSync(join(folder, 'named.conf'), conf)
  return new OtherServer({
    port,
    folder,
    command: ['named', '-g', '-c', join(folder, 'named.conf'), '-n', '1'],
  })
}

/** Knot DNS as a secondary. */
export function knotSecondary(options: SecondaryOptions): OtherServer {
  const { folder, port, zones, primaries, key } = options
  mkdirSync(folder, { recursive: true })
  const remotes = primaries.map((primary, index) => ({ id: `primary${index}`, primary }))
  const conf = `server:
  rundir: ${folder}
  listen: 127.0.0.1@${port}
log:
  - target: stdout
    any: info
database:
  storage: ${folder}
key:
  - id: ${key.name}
    algorithm: ${key.algorithm}
    secret: ${key.secret}
remote:
${remotes.map(({ id, primary }) => `  - id: ${id}\n    address: 127.0.0.1@${primary}\n    key: ${key.name}`).join('\n')}
acl:
  - id: notify
    address: 127.0.0.1
    key: ${key.name}
    action: notify
template:
  - id: default
    storage: ${folder}
    master: [${remotes.map(({ id }) => id).join(', ')}]
    acl: notify
zone:
${zones.map((zone) => `  - domain: ${zone}`).join('\n')}
`
  writeFileSync(join(folder, 'knot.conf'), conf)
  return new OtherServer({ port, folder, command: ['knotd', '-c', join(folder, 'knot.conf')] })
}

/** BIND 9 as the primary of zones that take updates with the key. */
export function bindPrimary(options: Omit<SecondaryOptions, 'primaries'>): OtherServer {
  const { folder, port, zones, key } = options
  mkdirSync(folder, { recursive: true })
  for (const zone of zones)
    writeFileSync(
      join(folder, `${zone}.db`),
      `$TTL 60\n@ SOA ns1 hostmaster 1 3600 600 86400 1\n@ NS ns1\nns1 A 127.0.0.1\nforeign A 198.51.100.9\n`,
    )
  const conf = `key ${key.name} { algorithm ${key.algorithm}; secret "${key.secret}"; };
options {
  directory "${folder}"; pid-file "${folder}/named.pid"; session-keyfile "${folder}/session.key";
  listen-on port ${port} { 127.0.0.1; }; listen-on-v6 { none; };
  recursion no; dnssec-validation no; notify no; minimal-responses yes; allow-transfer { 127.0.0.1; };
};
controls { };
${zones.map((zone) => `zone "${zone}" { type primary; file "${folder}/${zone}.db"; allow-update { key ${key.name}; }; };`).join('\n')}
`
  writeFileSync(join(folder, 'named.conf'), conf)
  return new OtherServer({
    port,
    folder,
    command: ['named', '-g', '-c', join(folder, 'named.conf'), '-n', '1'],
  })
}
