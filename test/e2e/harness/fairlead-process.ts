/** `fairlead up` as a process, and the CLI beside it, as an operator has them. */
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { COMPILE_CACHE } from './compile-cache.ts'

const MAIN = fileURLToPath(new URL('../../../src/cli/main.ts', import.meta.url))

export interface CommandResult {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

interface RunOptions {
  readonly dataDir?: string
  readonly input?: string
  readonly env?: NodeJS.ProcessEnv
  /** Goes before the command. */
  readonly prefix?: readonly string[]
  /** The sources if absent. */
  readonly program?: string | undefined
}

/** Runs one command to its end. */
export function runFairlead(args: readonly string[], options: RunOptions = {}): Promise<CommandResult> {
  const { PATH, HOME } = process.env
  const env = { PATH, HOME, ...COMPILE_CACHE, ...options.env }
  return new Promise((resolve) => {
    const { prefix = [], program: main = MAIN } = options
    const [program = '', ...rest] = [...prefix, process.execPath, main, ...args]
    const child = execFile(
      program,
      rest,
      {
        env: { ...env, ...(options.dataDir && { FAIRLEAD_DATA_DIR: options.dataDir }) },
        timeout: 60_000,
        maxBuffer: 2 ** 26,
      },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1
        resolve({ code, stdout, stderr })
      },
    )
    child.stdin?.end(options.input ?? '')
  })
}

export interface UpSettings {
  readonly dataDir: string
  readonly dnsPort: number
  readonly args?: readonly string[]
}

export class FairleadProcess {
  readonly dataDir: string
  readonly dnsPort: number
  readonly #args: readonly string[]
  #child: ChildProcess | null = null

  constructor(settings: UpSettings) {
    this.dataDir = settings.dataDir
    this.dnsPort = settings.dnsPort
    this.#args = settings.args ?? []
  }

  get pid(): number {
    const pid = this.#child?.pid
    if (pid === undefined) throw new Error('fairlead is not running')
    return pid
  }

  /** Starts it and waits until the API answers. */
  async start(...more: readonly string[]): Promise<void> {
    const args = [
      'up',
      ...more,
      '--data-dir',
      this.dataDir,
      '--dns-port',
      String(this.dnsPort),
      '--api',
      '127.0.0.1:0',
      ...this.#args,
    ]
    const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
    this.#child = child
    const log = createWriteStream(join(this.dataDir, '..', `up-${child.pid ?? 0}.log`))
    child.stderr.pipe(log)
    let said = ''
    const started = new Promise<void>((resolve, reject) => {
      child.stdout.on('data', (chunk: Buffer) => {
        said += chunk.toString()
        if (said.includes('token in')) resolve()
      })
      child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
      child.once('exit', (code) => {
        reject(new Error(`fairlead up ended with ${code}: ${said}`))
      })
    })
    await started
  }

  signal(signal: NodeJS.Signals): void {
    process.kill(this.pid, signal)
  }

  /** Sends the signal and waits for the end. */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    const child = this.#child
    this.#child = null
    if (child === null || child.exitCode !== null) return child?.exitCode ?? null
    const exited = once(child, 'exit')
    child.kill(signal)
    const [code] = (await exited) as [number | null]
    return code
  }

  /** What Prometheus reads. */
  async metrics(): Promise<string> {
    const [url = '', token = ''] = await Promise.all(
      ['api-url', 'token'].map((name) => readFile(join(this.dataDir, name), 'utf8')),
    )
    const headers = { authorization: `Bearer ${token.trim()}` }
    const response = await fetch(new URL('/metrics', url), { headers })
    if (response.status !== 200) throw new Error(`HTTP ${response.status} for the metrics`)
    return response.text()
  }

  run(...args: readonly string[]): Promise<CommandResult> {
    return runFairlead(args, { dataDir: this.dataDir })
  }
}
