/** An endpoint: a real HTTP server in a process of its own, listening on an IPv4 and an IPv6 address of its site. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { Pair } from '../network/addresses.ts'

export const ENDPOINT_PORT = 80

/** A line on stdin is the time in ms that each answer takes from then on. */
const PROGRAM = `
  import { createServer } from 'node:http'
  import { createInterface } from 'node:readline'
  let delayMs = 0
  createInterface({ input: process.stdin }).on('line', (line) => (delayMs = Number(line)))
  let left = 0
  const [port, ...addresses] = process.argv.slice(1)
  for (const address of addresses) {
    left += 1
    const server = createServer((request, response) => {
      if (request.url !== '/') response.statusCode = 404
      setTimeout(() => response.end('ok'), delayMs)
    })
    server.listen({ port, host: address, ipv6Only: true }, () => --left === 0 && console.log('listening'))
  }`

export class Endpoint {
  readonly name: string
  readonly site: string
  readonly address: Pair
  readonly port: number
  readonly #addresses: readonly string[]
  readonly #prefix: readonly string[]
  #child: ChildProcess | null = null

  constructor(
    about: {
      readonly name: string
      readonly site: string
      readonly address: Pair
      readonly port?: number
    },
    prefix: readonly string[],
    /** Of the process, where it is more than one endpoint. */
    addresses: readonly string[] = [about.address.v4, about.address.v6],
  ) {
    this.name = about.name
    this.site = about.site
    this.address = about.address
    this.port = about.port ?? ENDPOINT_PORT
    this.#addresses = addresses
    this.#prefix = prefix
  }

  async start(): Promise<void> {
    const program = ['--input-type=module', '-e', PROGRAM, '--', String(this.port), ...this.#addresses]
    const [command = '', ...args] = [...this.#prefix, process.execPath, ...program]
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'ignore'] })
    this.#child = child
    child.stdin.on('error', () => undefined)
    const ended = once(child, 'exit').then(() => {
      throw new Error(`the endpoint ${this.name} ended before it listened`)
    })
    await Promise.race([once(child.stdout, 'data'), ended])
    ended.catch(() => undefined)
  }

  /** Each of its answers takes so long from now on. */
  slow(delayMs: number): void {
    this.#child?.stdin?.write(`${delayMs}\n`)
  }

  /** kill -9, and back when it is gone. */
  async kill(): Promise<void> {
    const child = this.#child
    this.#child = null
    if (child === null || child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
  }
}
