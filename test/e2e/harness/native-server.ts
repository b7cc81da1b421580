/** A PowerDNS without an agent, with the configuration that `fairlead powerdns-config --mode native` prints. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { askDns } from '../../../src/adapters/dns-client/ask-dns.ts'
import { eventually } from './eventually.ts'
import { runFairlead } from './fairlead-process.ts'

export interface NativeServerOptions {
  readonly folder: string
  readonly name: string
  readonly address: string
  readonly port: number
  /** URL of the database. */
  readonly database: string
  readonly args?: readonly string[]
}

export class NativeServer {
  readonly address: string
  readonly port: number
  readonly #options: NativeServerOptions
  #child: ChildProcess | null = null

  constructor(options: NativeServerOptions) {
    this.#options = options
    this.address = options.address
    this.port = options.port
  }

  /** Resolves once it answers whatever it is asked. */
  async start(): Promise<void> {
    const { folder, name, address, port, database, args = [] } = this.#options
    const own = join(folder, name)
    mkdirSync(own, { recursive: true })
    const command = ['powerdns-config', '--mode', 'native', '--database', database, ...args]
    const { code, stdout, stderr } = await runFairlead(command)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const where = [`local-address=${address}`, `local-port=${port}`, `socket-dir=${own}`, 'loglevel=3']
    writeFileSync(join(own, 'pdns.conf'), `${stdout}\n${where.join('\n')}\n`)
    this.#child = spawn('/usr/sbin/pdns_server', [`--config-dir=${own}`], { stdio: 'ignore' })
    await eventually(async () => {
      const answer = await askDns({ address, port }, { name: 'probe.invalid', type: 'A' })
      expect(answer.kind).toBe('answer')
    })
  }

  async end(): Promise<void> {
    const child = this.#child
    this.#child = null
    if (child === null || child.exitCode !== null) return
    const exited = once(child, 'exit')
    child.kill('SIGTERM')
    await exited
  }
}
