/**
 * Patroni of Debian's packages: three PostgreSQL members under one etcd, on loopback ports, in a temporary folder.
 * What must stay true: a commit is acknowledged when a standby has it (synchronous_mode), and only such a standby is promoted;
 * only the processes that were started here are ended. Times are short, so that a failover takes seconds.
 */
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, closeSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import pg from 'pg'
import { stringify } from 'yaml'
import { CertificateAuthority } from '../../src/adapters/probes/testing/certificates.ts'
import { freePort } from '../../src/adapters/probes/testing/free-port.ts'
import { debianPostgres } from './debian-postgres.ts'

const run = promisify(execFile)
const USER = 'fairlead'
const PASSWORD = 'secret'
const SUPERUSER = 'postgres'
const NAMES = ['db1', 'db2', 'db3'] as const
/** With memory to share of its own, which is gone with it. */
const SPACE = ['--pid', '--ipc', '--fork', '--kill-child', '--mount-proc']
const WITHIN_MS = 40_000
/** Without news of the leader for so long, another one is chosen: 1 + 2 * 2 fit into it, as Patroni asks. */
const TIMES = { ttl: 5, loop_wait: 1, retry_timeout: 2 }

export interface PatroniMember {
  readonly name: string
  readonly folder: string
  readonly port: number
  readonly apiPort: number
  /** For patroni and patronictl. */
  readonly configFile: string
}

/** As its `GET /cluster` has it. */
interface MemberState {
  readonly name: string
  readonly role: string
  readonly state: string
  readonly timeline?: number
  readonly lag?: number | string
}

export class PatroniCluster {
  readonly folder: string
  readonly members: readonly PatroniMember[]
  readonly #authority = new CertificateAuthority()
  readonly #etcdPorts: readonly [client: number, peer: number]
  readonly #children = new Map<string, ChildProcess>()

  readonly #frozen = new Set<string>()

  private constructor(
    folder: string,
    members: readonly PatroniMember[],
    etcdPorts: readonly [number, number],
  ) {
    this.folder = folder
    this.members = members
    this.#etcdPorts = etcdPorts
  }

  /** With a primary; its standbys come a little later (isWhole). */
  static async start(): Promise<PatroniCluster> {
    const folder = await debianPostgres.folder('fairlead-patroni-')
    const etcdPorts = [await freePort(), await freePort()] as const
    const members: PatroniMember[] = []
    for (const name of NAMES) {
      const configFile = join(folder, `${name}.yml`)
      const ports = { port: await freePort(), apiPort: await freePort() }
      members.push({ name, folder: join(folder, name), configFile, ...ports })
    }
    const cluster = new PatroniCluster(folder, members, etcdPorts)
    try {
      cluster.#startEtcd()
      for (const member of members) cluster.resume(member)
      await cluster.primary()
    } catch (error) {
      await cluster.remove()
      throw error
    }
    return cluster
  }

  /** A new, empty database of its own role, which comes in by TLS only; its URL, with every member as a host. */
  async database(name: string): Promise<string> {
    await this.query(`create role ${USER} login password '${PASSWORD}'`)
    await this.query(`create database ${name} owner ${USER}`)
    const hosts = this.members.map(({ port }) => `127.0.0.1:${port}`)
    const tls = `sslmode=verify-full&sslrootcert=${this.#authority.caFile}`
    return `postgres://${USER}:${PASSWORD}@${hosts.join(',')}/${name}?${tls}`
  }

  /** On the primary. */
  async query(text: string): Promise<readonly unknown[]> {
    const { port } = await this.primary()
    const client = new pg.Client({ host: '127.0.0.1', port, user: SUPERUSER, database: 'postgres' })
    await client.connect()
    try {
      return (await client.query<Record<string, unknown>>(text)).rows
    } finally {
      await client.end()
    }
  }

  async primary(): Promise<PatroniMember> {
    // One that was killed, or stands still, is named until its time is over.
    const isPrimary = ({ name, role, state }: MemberState) =>
      role === 'leader' && state === 'running' && this.#answers(name)
    const states = await this.#until('a primary', (all) => all.some(isPrimary))
    const name = states.find(isPrimary)?.name
    return this.members.find((member) => member.name === name)!
  }

  /** Every member is there, on one timeline, and one of the standbys has each commit before it is acknowledged. */
  async isWhole(): Promise<void> {
    await this.#until('a primary with two standbys', (states) => {
      const roles = states.map(({ role }) => role).sort()
      const timelines = new Set(states.map(({ timeline }) => timeline))
      const areUp = states.every(({ state }) => state === 'running' || state === 'streaming')
      return areUp && timelines.size === 1 && roles.join() === 'leader,replica,sync_standby'
    })
  }

  /** kill -9 of its Patroni and of every process of its PostgreSQL at once, as if the machine had lost its power. */
  async kill(member: PatroniMember): Promise<void> {
    await this.#kill(member.name)
  }

  /** Stops every process of it (SIGSTOP), as if its machine stood still: its connections stay open, and nothing answers. */
  async freeze(member: PatroniMember): Promise<void> {
    await this.#signal(member, 'STOP')
    this.#frozen.add(member.name)
  }

  async thaw(member: PatroniMember): Promise<void> {
    await this.#signal(member, 'CONT')
    this.#frozen.delete(member.name)
  }

  /** Starts a member, with what it has on its disk. */
  resume(member: PatroniMember): void {
    writeFileSync(member.configFile, stringify(this.#configOf(member)))
    this.#spawn(member.name, 'patroni', [member.configFile])
  }

  async remove(): Promise<void> {
    for (const name of [...this.#children.keys()]) await this.#kill(name)
    this.#authority[Symbol.dispose]()
    rmSync(this.folder, { recursive: true, force: true })
  }

  #startEtcd(): void {
    const [client, peer] = this.#etcdPorts.map((port) => `http://127.0.0.1:${port}`)
    const settings = {
      'data-dir': join(this.folder, 'etcd'),
      'listen-client-urls': client,
      'advertise-client-urls': client,
      'listen-peer-urls': peer,
      'initial-advertise-peer-urls': peer,
      'initial-cluster': `default=${peer}`,
      // By the v3 API the Patroni of Debian 12 (3.0.2) renews its leadership without a look at who has it: a primary that stood
      // still may take it back from the one that was chosen meanwhile.
      'enable-v2': 'true',
    }
    this.#spawn(
      'etcd',
      'etcd',
      Object.entries(settings).map(([name, value]) => `--${name}=${value}`),
    )
  }

  /** As the first process of a space of its own, with which everything that it starts ends, and which reaps what it left. */
  #spawn(name: string, program: string, args: readonly string[]): void {
    const log = openSync(join(this.folder, `${name}.log`), 'a')
    const [setUser, command] = debianPostgres.asServerUser(`/usr/bin/${program}`, args)
    const child = spawn('unshare', [...SPACE, setUser, ...command], { cwd: '/', stdio: ['ignore', log, log] })
    closeSync(log)
    this.#children.set(name, child)
  }

  /** To all in its space but the first process, which only reaps. */
  async #signal({ name }: PatroniMember, signal: string): Promise<void> {
    const child = this.#children.get(name)
    if (child === undefined) throw new Error(`${name} does not run`)
    const enter = ['--target', String(firstOf(child)), '--pid']
    await run('nsenter', [...enter, 'kill', `-${signal}`, '--', '-1'])
  }

  #answers(name: string): boolean {
    return this.#children.has(name) && !this.#frozen.has(name)
  }

  async #kill(name: string): Promise<void> {
    const child = this.#children.get(name)
    this.#children.delete(name)
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    // It ends when the first process of the space and all others of it are gone.
    const first = firstOf(child)
    if (first > 0) process.kill(first, 'SIGKILL')
    else child.kill('SIGKILL')
    await exited
  }

  /** Names of the settings, and the files that they name, which are the server's own. */
  #tlsOf(name: string): Record<string, string> {
    const { cert, key } = this.#authority.issue(name, ['IP:127.0.0.1'])
    const files = { ssl_cert_file: cert, ssl_key_file: key }
    const { uid, gid } = statSync(this.folder)
    const settings = Object.entries(files).map(([setting, content]) => {
      const path = join(this.folder, `${name}.${setting}`)
      writeFileSync(path, content, { mode: 0o600 })
      chownSync(path, uid, gid)
      return [setting, path]
    })
    return { ssl: 'on', ...(Object.fromEntries(settings) as Record<string, string>) }
  }

  #configOf({ name, folder, port, apiPort }: PatroniMember): object {
    const api = `127.0.0.1:${apiPort}`
    const server = `127.0.0.1:${port}`
    const local = [`hostssl all ${USER}`, `host all ${SUPERUSER}`, 'host replication all'].map(
      (who) => `${who} 127.0.0.1/32 ${who.startsWith('hostssl') ? 'scram-sha-256' : 'trust'}`,
    )
    return {
      ...{ scope: 'fairlead', name, restapi: { listen: api, connect_address: api } },
      etcd: { host: `127.0.0.1:${this.#etcdPorts[0]}` },
      bootstrap: {
        dcs: {
          ...TIMES,
          synchronous_mode: true,
          postgresql: { use_pg_rewind: true, parameters: { max_connections: 60 } },
        },
        initdb: [{ encoding: 'UTF8' }, { locale: 'C.UTF-8' }, { auth: 'trust' }],
      },
      postgresql: {
        ...{ listen: server, connect_address: server, data_dir: join(folder, 'data') },
        ...{ bin_dir: debianPostgres.binFolder(), pgpass: join(this.folder, `${name}.pgpass`) },
        pg_hba: local,
        basebackup: [{ checkpoint: 'fast' }],
        authentication: { superuser: { username: SUPERUSER }, replication: { username: 'replicator' } },
        parameters: {
          ...this.#tlsOf(name),
          ...{ unix_socket_directories: '', shared_buffers: '32MB' },
          // A segment of /dev/shm would outlive a kill -9.
          dynamic_shared_memory_type: 'mmap',
        },
      },
    }
  }

  /** What a member that answers says of all, once it is so. */
  async #until(
    what: string,
    isSo: (states: readonly MemberState[]) => boolean,
  ): Promise<readonly MemberState[]> {
    const deadlineMs = performance.now() + WITHIN_MS
    let states: readonly MemberState[] = []
    while (performance.now() < deadlineMs) {
      for (const { name, apiPort } of this.members)
        if (this.#answers(name)) {
          states = await statesBy(apiPort)
          if (states.length > 0) break
        }
      if (isSo(states)) return states
      await delay(100)
    }
    throw new Error(`there is not ${what} within ${WITHIN_MS} ms: ${JSON.stringify(states)}`)
  }
}

/** The first process of the space that it made; 0: there is none yet. */
function firstOf({ pid }: ChildProcess): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8'))
}

async function statesBy(apiPort: number): Promise<readonly MemberState[]> {
  try {
    const signal = AbortSignal.timeout(2_000)
    const response = await fetch(`http://127.0.0.1:${apiPort}/cluster`, { signal })
    return ((await response.json()) as { members?: readonly MemberState[] }).members ?? []
  } catch {
    // It starts, or has ended: another one may know.
    return []
  }
}
