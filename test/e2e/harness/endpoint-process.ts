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
  #child: ChildProcess | null = null

  constructor(address: string, port: number) {
    this.address = address
    this.port = port
  }

  async start(): Promise<void> {
    const args = ['--input-type=module', '-e', PROGRAM, '--', this.address, String(this.port)]
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
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
