/** `fairlead control`, `checker` or `nameserver` as a process with a settings file of its own. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stringify } from 'yaml'
import { COMPILE_CACHE } from './compile-cache.ts'

const MAIN = fileURLToPath(new URL('../../../src/cli/main.ts', import.meta.url))

export class ServiceProcess {
  readonly command: 'control' | 'checker' | 'nameserver'
  readonly name: string
  readonly dataDir: string
  readonly configFile: string
  readonly logFile: string
  readonly #env: NodeJS.ProcessEnv
  readonly #prefix: readonly string[]
  /** What the next start runs. */
  program: string
  #child: ChildProcess | null = null

  constructor(
    command: ServiceProcess['command'],
    about: {
      readonly folder: string
      readonly name: string
      readonly settings: Record<string, unknown>
      /** Goes before the command. */
      readonly prefix?: readonly string[]
      readonly environment?: Record<string, string>
      /** The sources if absent. */
      readonly program?: string | undefined
    },
  ) {
    const { folder, name } = about
    this.command = command
    this.#prefix = about.prefix ?? []
    this.program = about.program ?? MAIN
    this.name = name
    this.dataDir = join(folder, name)
    this.configFile = join(folder, `${name}.yaml`)
    this.logFile = join(folder, `${name}.log`)
    const { PATH, HOME } = process.env
    this.#env = { PATH, HOME, ...COMPILE_CACHE, ...about.environment }
    this.configure({ dataDir: this.dataDir, logFile: this.logFile, ...about.settings })
  }

  configure(settings: Record<string, unknown>): void {
    writeFileSync(this.configFile, stringify(settings))
  }

  /** Resolves with its summary line once it is ready. `environment` adds to that of each start. */
  async start(environment: Readonly<Record<string, string>> = {}): Promise<string> {
    const line = [...this.#prefix, process.execPath, this.program, this.command, '--config', this.configFile]
    const [program = '', ...args] = line
    const child = spawn(program, args, {
      env: { ...this.#env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#child = child
    child.stderr.pipe(createWriteStream(`${this.logFile}.stderr`, { flags: 'a' }))
    const ended = once(child, 'exit').then(([code]) => {
      throw new Error(
        `${this.name} ended with ${String(code)}: ${readFileSync(`${this.logFile}.stderr`, 'utf8')}`,
      )
    })
    ended.catch(() => undefined)
    const [summary] = (await Promise.race([once(child.stdout, 'data'), ended])) as [Buffer]
    return summary.toString().trim()
  }

  /** 0 while it does not run. */
  get pid(): number {
    return this.#child?.pid ?? 0
  }

  /** False too when it has ended by itself. */
  get isRunning(): boolean {
    const child = this.#child
    return child !== null && child.exitCode === null && child.signalCode === null
  }

  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal)
  }

  /** Sends the signal and waits for the end. */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    const child = this.#child
    this.#child = null
    if (child === null || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null
    const exited = once(child, 'exit')
    child.kill(signal)
    const [code] = (await exited) as [number | null]
    return code
  }

  log(): string {
    return readFileSync(this.logFile, 'utf8')
  }
}
