/** An endpoint: a real HTTP or HTTPS server in a process of its own, listening on an IPv4 and an IPv6 address of its site. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { Pair } from '../network/addresses.ts'

export const ENDPOINT_PORT = 80
export const SECURE_PORT = 443

/** A line on stdin is the time in ms that each answer takes from then on, or says that the certificate is to be read again. */
const PROGRAM = `
  import { readFileSync } from 'node:fs'
  import { createServer } from 'node:http'
  import { createServer as createSecureServer } from 'node:https'
  import { createInterface } from 'node:readline'
  let delayMs = 0
  let left = 0
  const [port, certificateFile, keyFile, ...addresses] = process.argv.slice(1)
  const read = () => ({ cert: readFileSync(certificateFile), key: readFileSync(keyFile) })
  const answer = (request, response) => {
    if (request.url !== '/') response.statusCode = 404
    setTimeout(() => response.end('ok'), delayMs)
  }
  const servers = addresses.map((host) => {
    left += 1
    const server = certificateFile === '' ? createServer(answer) : createSecureServer(read(), answer)
    return server.listen({ port, host, ipv6Only: true }, () => --left === 0 && console.log('listening'))
  })
  createInterface({ input: process.stdin }).on('line', (line) => {
    if (line === 'certificate') for (const server of servers) server.setSecureContext(read())
    else delayMs = Number(line)
  })`

interface EndpointTls {
  readonly certificateFile: string
  readonly keyFile: string
}

export class Endpoint {
  readonly name: string
  readonly site: string
  readonly address: Pair
  readonly port: number
  /** null: it speaks HTTP. */
  readonly tls: EndpointTls | null
  readonly #addresses: readonly string[]
  readonly #prefix: readonly string[]
  #child: ChildProcess | null = null

  constructor(
    about: {
      readonly name: string
      readonly site: string
      readonly address: Pair
      readonly port?: number
      readonly tls?: EndpointTls | undefined
    },
    prefix: readonly string[],
    /** Of the process, where it is more than one endpoint. */
    addresses: readonly string[] = [about.address.v4, about.address.v6],
  ) {
    this.name = about.name
    this.site = about.site
    this.address = about.address
    this.tls = about.tls ?? null
    this.port = about.port ?? (this.tls === null ? ENDPOINT_PORT : SECURE_PORT)
    this.#addresses = addresses
    this.#prefix = prefix
  }

  async start(): Promise<void> {
    const { certificateFile = '', keyFile = '' } = this.tls ?? {}
    const program = ['--input-type=module', '-e', PROGRAM, '--', String(this.port), certificateFile, keyFile]
    const [command = '', ...args] = [...this.#prefix, process.execPath, ...program, ...this.#addresses]
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

  /** Its certificate has been written anew. */
  readCertificate(): void {
    this.#child?.stdin?.write('certificate\n')
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
