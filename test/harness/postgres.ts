/**
 * A real PostgreSQL of Debian's packages in a temporary folder, on a loopback port, with its own user where the tests are root's.
 * What must stay true: only the processes that were started here are ended; nothing of the machine's own clusters is touched.
 */
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import pg from 'pg'
import { freePort } from '../../src/adapters/probes/testing/free-port.ts'
import { debianPostgres } from './debian-postgres.ts'

const run = promisify(execFile)
const USER = 'fairlead'
const LOG_FOLDER = 'log'
const STARTED_WITHIN_MS = 20_000

export class PostgresServer {
  readonly folder: string
  readonly port: number
  readonly #logsStatements: boolean
  #child: ChildProcess | null = null
  #databases = 0

  private constructor(folder: string, port: number, logsStatements: boolean) {
    this.folder = folder
    this.port = port
    this.#logsStatements = logsStatements
  }

  /** A new cluster, running. `logsStatements`: for `statements()`; it costs, which a measurement must not. */
  static async start({ logsStatements = true } = {}): Promise<PostgresServer> {
    const folder = await debianPostgres.folder('fairlead-postgres-')
    const server = new PostgresServer(folder, await freePort(), logsStatements)
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
    await server.resume()
    return server
  }

  get #data(): string {
    return join(this.folder, 'data')
  }

  #command(name: string, args: readonly string[]): [string, string[]] {
    return debianPostgres.asServerUser(join(debianPostgres.binFolder(), name), args)
  }

  get pid(): number {
    return this.#child?.pid ?? 0
  }

  /** Starts the server on the cluster that is there. */
  async resume(): Promise<void> {
    const settings = {
      listen_addresses: '127.0.0.1',
      port: this.port,
      unix_socket_directories: '',
      max_connections: 60,
      shared_buffers: '32MB',
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
    this.#child = spawn(...this.#command('postgres', args), { cwd: '/', stdio: 'ignore' })
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
    return `postgres://${USER}@127.0.0.1:${this.port}/${database}?sslmode=disable`
  }

  async query(text: string, database = 'postgres'): Promise<readonly unknown[]> {
    const client = new pg.Client({
      host: '127.0.0.1',
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
    rmSync(this.folder, { recursive: true, force: true })
  }
}
