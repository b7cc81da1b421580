/** A real HTTP server in a process of its own, so that killing it is what killing a server is. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'

const PROGRAM = `
  import { createServer } from 'node:http'
  const [address, port] = process.argv.slice(-2)
  const server = createServer((request, response) => response.end('ok'))
  server.listen(Number(port), address, () => console.log('listening'))`

export class EndpointProcess {
  readonly address: string
  readonly port: number
  readonly #prefix: readonly string[]
  #child: ChildProcess | null = null

  /** `prefix` goes before the command. */
  constructor(address: string, port: number, prefix: readonly string[] = []) {
    this.#prefix = prefix
    this.address = address
    this.port = port
  }

  async start(): Promise<void> {
    const program = ['--input-type=module', '-e', PROGRAM, '--', this.address, String(this.port)]
    const [command = '', ...args] = [...this.#prefix, process.execPath, ...program]
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    this.#child = child
    await once(child.stdout, 'data')
  }

  /** kill -9, and back when it is gone. */
  async kill(): Promise<void> {
    const child = this.#child
    this.#child = null
    if (child === null) return
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
  }
}
