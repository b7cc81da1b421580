/** A program of the system that a bench starts with a configuration of its own; what it says is shown when it fails. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'

const KEPT_CHARACTERS = 2_000

export class Program implements AsyncDisposable {
  readonly #process: ChildProcess
  readonly #name: string
  #said = ''
  #fault: Error | null = null

  constructor(name: string, args: readonly string[]) {
    this.#name = name
    this.#process = spawn(name, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    this.#process.on('error', (error) => {
      this.#fault = error
    })
    for (const stream of [this.#process.stdout, this.#process.stderr])
      stream?.on('data', (bytes: Buffer) => {
        this.#said = (this.#said + bytes.toString()).slice(-KEPT_CHARACTERS)
      })
  }

  /** Throws when it has ended, with its last words. */
  get pid(): number {
    const { pid, exitCode, signalCode } = this.#process
    if (this.#fault !== null || pid === undefined || exitCode !== null || signalCode !== null)
      throw new Error(`${this.#name} does not run: ${this.#fault?.message ?? this.#said}`)
    return pid
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { pid, exitCode, signalCode } = this.#process
    if (pid === undefined || exitCode !== null || signalCode !== null) return
    const exited = once(this.#process, 'exit')
    this.#process.kill()
    await exited
  }
}
