/**
 * A real PostgreSQL of Debian's packages in a temporary folder, on a loopback port, with its own user where the tests are root's.
 * What must stay true: only the processes that were started here are ended; nothing of the machine's own clusters is touched.
 */
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import pg from 'pg'
import { freePort } from '../../src/adapters/probes/testing/free-port.ts'
import { debianPostgres } from './debian-postgres.ts'
import { releaseSharedMemory } from './shared-memory.ts'

const run = promisify(execFile)
const USER = 'fairlead'
const LOG_FOLDER = 'log'
const STARTED_WITHIN_MS = 20_000

/** Where it is not on loopback: the network it is in, and the folder to make its own in. */
export interface PostgresPlace {
  readonly address: string
  readonly port: number
  /** Goes before the command. */
  readonly prefix: readonly string[]
  /** Where the server's user may pass. */
  readonly parent: string
  /** PEM files; `caFile` is what clients verify it by. */
  readonly tls: { readonly certificateFile: string; readonly keyFile: string; readonly caFile: string }
}

interface StartOptions {
  /** For `statements()`; it costs, which a measurement must not. */
  readonly logsStatements?: boolean
  readonly place?: PostgresPlace
}

export class PostgresServer {
  readonly folder: string
  readonly port: number
  readonly #logsStatements: boolean
  readonly #place: PostgresPlace | null
  #child: ChildProcess | null = null
  #databases = 0

  private constructor(folder: string, port: number, { logsStatements = true, place }: StartOptions) {
    this.folder = folder
    this.port = port
    this.#logsStatements = logsStatements
    this.#place = place ?? null
  }

  /** A new cluster, running. */
  static async start(options: StartOptions = {}): Promise<PostgresServer> {
    const server = await PostgresServer.#prepare(options)
    const initdb = [
      '-D',
      server.#data,
      '-U',
      USER,
      '-A',
      'trust',
      '-E',
      'UTF8',
      '--locale=C.UTF-8',
      '--no-sync',
    ]
    await run(...server.#command('initdb', initdb), { cwd: '/' })
    if (options.place !== undefined)
      for (const database of ['all', 'replication'])
        appendFileSync(join(server.#data, 'pg_hba.conf'), `host ${database} all all trust\n`)
    await server.resume()
    return server
  }

  /**
   * A copy of a running primary at a place of its own, which streams from it. When this resolves, nothing is acknowledged any more
   * that the standby has not written.
   */
  static async standbyOf(primary: PostgresServer, place: PostgresPlace): Promise<PostgresServer> {
    const server = await PostgresServer.#prepare({ logsStatements: primary.#logsStatements, place })
    const from = `host=${primary.#address} port=${primary.port} user=${USER} sslmode=require`
    const copy = ['-D', server.#data, '-d', from, '-R', '-X', 'stream', '-c', 'fast', '--no-sync']
    const [command, words] = server.#command('pg_basebackup', copy)
    const [first = '', ...rest] = [...place.prefix, command, ...words]
    await run(first, rest, { cwd: '/', env: server.#env })
    await server.resume()
    // After the copy: who was made from it and is promoted takes writes without a standby of its own.
    await primary.query("alter system set synchronous_standby_names = '*'")
    await primary.query('select pg_reload_conf()')
    await primary.#until(
      "select 1 from pg_stat_replication where state = 'streaming' and sync_state = 'sync'",
    )
    return server
  }

  static async #prepare(options: StartOptions): Promise<PostgresServer> {
    const { place } = options
    const folder = await debianPostgres.folder('fairlead-postgres-', place?.parent)
    const server = new PostgresServer(folder, place?.port ?? (await freePort()), options)
    if (place !== undefined) {
      await debianPostgres.secretFile(server.#certificateFile, readFileSync(place.tls.certificateFile))
      await debianPostgres.secretFile(server.#keyFile, readFileSync(place.tls.keyFile))
    }
    return server
  }

  /** Of a standby: it is the primary, and takes writes, when this resolves. */
  async promote(): Promise<void> {
    await this.query('select pg_promote()')
    await this.#until('select 1 where not pg_is_in_recovery()')
  }

  /** Until the query gives a row. */
  async #until(text: string): Promise<void> {
    const deadlineMs = performance.now() + STARTED_WITHIN_MS
    while ((await this.query(text)).length === 0) {
      if (performance.now() > deadlineMs) throw new Error(`there is no row: ${text}`)
      await delay(20)
    }
  }

  get #data(): string {
    return join(this.folder, 'data')
  }

  #command(name: string, args: readonly string[]): [string, string[]] {
    return debianPostgres.asServerUser(join(debianPostgres.binFolder(), name), args)
  }

  /** libpq, by which a standby follows, looks for files of its own in the home of who runs it. */
  get #env(): NodeJS.ProcessEnv {
    return { ...process.env, HOME: this.folder }
  }

  get #certificateFile(): string {
    return join(this.folder, 'server.pem')
  }

  get #keyFile(): string {
    return join(this.folder, 'server.key')
  }

  get #address(): string {
    return this.#place?.address ?? '127.0.0.1'
  }

  get pid(): number {
    return this.#child?.pid ?? 0
  }

  /** Starts the server on the cluster that is there. */
  async resume(): Promise<void> {
    // Where its last one is still held, a new server takes another one beside it.
    await releaseSharedMemory(this.#data)
    const settings = {
      listen_addresses: this.#address,
      port: this.port,
      ...(this.#place === null
        ? { unix_socket_directories: '' }
        : {
            unix_socket_directories: this.folder,
            ssl: 'on',
            ssl_cert_file: this.#certificateFile,
            ssl_key_file: this.#keyFile,
          }),
      // In its own folder, so that what is killed leaves nothing in the memory of the machine.
      dynamic_shared_memory_type: 'mmap',
      max_connections: 60,
      shared_buffers: '32MB',
      // A standby whose primary has gone may be in this pause when it is promoted: 5 s by default.
      wal_retrieve_retry_interval: '200ms',
      log_statement: this.#logsStatements ? 'all' : 'none',
      log_destination: 'jsonlog',
      logging_collector: 'on',
      log_directory: LOG_FOLDER,
      log_filename: 'postgres.log',
      log_truncate_on_rotation: 'off',
    }
    const args = [
      '-D',
      this.#data,
      ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ]
    const [command, words] = this.#command('postgres', args)
    const [first = '', ...rest] = [...(this.#place?.prefix ?? []), command, ...words]
    this.#child = spawn(first, rest, { cwd: '/', env: this.#env, stdio: 'ignore' })
    const deadlineMs = performance.now() + STARTED_WITHIN_MS
    for (;;) {
      try {
        await this.query('select 1')
        return
      } catch (error) {
        if (performance.now() > deadlineMs) throw error
        await delay(50)
      }
    }
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child
    this.#child = null
    if (child === null || child.exitCode !== null) return
    child.kill(signal)
    await once(child, 'exit')
  }

  /** A new, empty database; its URL. */
  async database(): Promise<string> {
    const name = `fairlead${process.pid}x${++this.#databases}`
    await this.query(`create database ${name}`)
    return this.url(name)
  }

  url(database: string): string {
    const tls = this.#place === null ? 'sslmode=disable' : `sslrootcert=${this.#place.tls.caFile}`
    return `postgres://${USER}@${this.#address}:${this.port}/${database}?${tls}`
  }

  async query(text: string, database = 'postgres'): Promise<readonly unknown[]> {
    const client = new pg.Client({
      // In another network it is reached by its socket, which knows no networks.
      host: this.#place === null ? '127.0.0.1' : this.folder,
      port: this.port,
      user: USER,
      database,
      connectionTimeoutMillis: 2_000,
    })
    client.on('error', () => undefined)
    await client.connect()
    try {
      return (await client.query<Record<string, unknown>>(text)).rows
    } finally {
      await client.end()
    }
  }

  /** Every statement that it was asked, as it says itself. */
  statements(): { readonly database: string; readonly session: number; readonly text: string }[] {
    const lines = readFileSync(join(this.#data, LOG_FOLDER, 'postgres.json'), 'utf8').split('\n')
    return lines.flatMap((line) => {
      if (line === '') return []
      const {
        dbname = '',
        message = '',
        pid = 0,
      } = JSON.parse(line) as { dbname?: string; message?: string; pid?: number }
      const [, text] = /^(?:statement|execute [^:]*): ([^]*)$/.exec(message) ?? []
      return text === undefined ? [] : [{ database: dbname, session: pid, text }]
    })
  }

  async remove(): Promise<void> {
    // At once: what it holds goes with it.
    await this.end('SIGQUIT')
    await releaseSharedMemory(this.#data)
    rmSync(this.folder, { recursive: true, force: true })
  }
}
