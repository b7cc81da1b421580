/**
 * The files of a supervised DNS server below a folder of the data directory, owner-only: the configuration in a folder named by its digest
 * (so that the command line of a running server says what it runs), the control socket, the log.
 */
import { createHash } from 'node:crypto'
import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { CommandError, EXIT } from '../../core/exit-code.ts'

/** sun_path of a Unix socket address holds 108 bytes with the closing zero (unix(7)). */
const MAX_SOCKET_PATH_BYTES = 107
const MAX_LOG_BYTES = 4 * 2 ** 20
const LOG_TAIL_BYTES = 4_096

/** Which server it is: how it is started, and what to say when it is not there. */
export interface ServerKind {
  readonly name: string
  /** Of its configuration, in a folder named by its digest. */
  readonly configFile: string
  readonly logFile: string
  /** Of a start in the foreground; the folder of the configuration stands in the first one. */
  readonly argumentsFor: (configDir: string) => readonly string[]
  readonly packages: string
}

export const POWERDNS: ServerKind = {
  name: 'PowerDNS',
  configFile: 'pdns.conf',
  logFile: 'pdns.log',
  argumentsFor: (configDir) => [`--config-dir=${configDir}`],
  packages: 'packages pdns-server and pdns-backend-sqlite3',
}

export class ServerFiles {
  readonly kind: ServerKind
  readonly configRoot: string
  readonly socketDir: string
  readonly socketPath: string
  readonly databasePath: string
  readonly logPath: string
  /** What LUA records call. */
  readonly luaDirectory: string
  readonly #root: string

  /** `dataDir` is absolute; `folder` tells two servers of one nameserver apart. */
  constructor(
    dataDir: string,
    folder: 'powerdns' | 'transfers' | 'front' = 'powerdns',
    kind: ServerKind = POWERDNS,
  ) {
    this.kind = kind
    this.#root = join(dataDir, folder)
    this.configRoot = join(this.#root, 'conf')
    this.socketDir = join(this.#root, 'run')
    this.socketPath = join(this.socketDir, 'pdns.controlsocket')
    this.databasePath = join(this.#root, 'zones.db')
    this.logPath = join(this.#root, kind.logFile)
    this.luaDirectory = join(this.#root, 'lua')
  }

  /** Throws CommandError when the folders cannot be made or used. */
  prepare(): void {
    if (Buffer.byteLength(this.socketPath) > MAX_SOCKET_PATH_BYTES)
      throw new CommandError(
        EXIT.fileAccess,
        `the data directory's path is too long: ${this.socketPath} would exceed the ${MAX_SOCKET_PATH_BYTES} bytes of a Unix socket's path`,
      )
    try {
      for (const path of [this.#root, this.configRoot, this.socketDir])
        mkdirSync(path, { recursive: true, mode: 0o700 })
    } catch (cause) {
      throw new CommandError(
        EXIT.fileAccess,
        `cannot use ${this.#root}: ${cause instanceof Error ? cause.message : String(cause)}`,
        { cause },
      )
    }
  }

  /** Writes the configuration into its folder; the result is the digest that names it. */
  writeConfig(text: string): string {
    const digest = createHash('sha256').update(text).digest('hex').slice(0, 16)
    mkdirSync(this.configDir(digest), { recursive: true, mode: 0o700 })
    writeFileSync(join(this.configDir(digest), this.kind.configFile), text, { mode: 0o600 })
    return digest
  }

  configDir(digest: string): string {
    return join(this.configRoot, digest)
  }

  removeOtherConfigs(digest: string): void {
    for (const entry of readdirSync(this.configRoot))
      if (entry !== digest) rmSync(join(this.configRoot, entry), { recursive: true, force: true })
  }

  /** Runs `use` with the log open for appending; a log that has grown becomes pdns.log.1 first. */
  withLog<T>(use: (fd: number) => T): T {
    if ((statSync(this.logPath, { throwIfNoEntry: false })?.size ?? 0) > MAX_LOG_BYTES)
      renameSync(this.logPath, `${this.logPath}.1`)
    const fd = openSync(this.logPath, 'a', 0o600)
    try {
      return use(fd)
    } finally {
      closeSync(fd)
    }
  }

  /** The last line of the log: why a server that ended did so. */
  lastLogLine(): string {
    const text = readFileSync(this.logPath).subarray(-LOG_TAIL_BYTES).toString('utf8')
    return text.trimEnd().split('\n').at(-1)?.trim() ?? ''
  }
}
