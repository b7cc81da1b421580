/** A process that a bench starts: it answers messages one by one, and ends with the bench. */
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'

export class Child implements AsyncDisposable {
  readonly #process: ChildProcess

  constructor(module: string, args: readonly string[] = []) {
    this.#process = fork(module, args)
  }

  get pid(): number {
    const { pid } = this.#process
    if (pid === undefined) throw new Error('the process did not start')
    return pid
  }

  /** Sends `message`, and gives the next message that comes. */
  async ask<Reply>(message: object): Promise<Reply> {
    const answered = new AbortController()
    const { signal } = answered
    try {
      const reply = once(this.#process, 'message', { signal }) as Promise<[Reply]>
      const ended = once(this.#process, 'exit', { signal }).then(([code]) => {
        throw new Error(`a process of the bench ended with ${String(code)}`)
      })
      this.#process.send(message)
      const [first] = await Promise.race([reply, ended])
      return first
    } finally {
      answered.abort()
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return
    const exited = once(this.#process, 'exit')
    this.#process.disconnect()
    await exited
  }
}
