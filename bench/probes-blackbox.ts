/**
 * blackbox_exporter as a rival: it probes when it is asked over HTTP, as Prometheus asks it. The asking is done here, on kept
 * connections; what it costs here is not counted. Slower than the pace, it is asked for what it can do.
 */
import { writeFile } from 'node:fs/promises'
import { Agent, get } from 'node:http'
import { join } from 'node:path'
import { freePort } from '../src/adapters/probes/testing/free-port.ts'
import type { RivalOptions } from './probes-haproxy.ts'
import { PACED_PER_SEC, SATURATED_AT_ONCE, targetAddress } from './probes-load.ts'
import { Program } from './program.ts'

const CONFIGURATION = `modules:
  httpNew: { prober: http, timeout: 1s, http: { preferred_ip_protocol: ip4 } }
  tcp: { prober: tcp, timeout: 1s, tcp: { preferred_ip_protocol: ip4 } }
`
const TICK_MS = 5
const MAX_AT_ONCE = 256

export class Blackbox implements AsyncDisposable {
  readonly #program: Program
  readonly #agent = new Agent({ keepAlive: true })
  readonly #options: RivalOptions
  readonly #port: number
  readonly #timer: NodeJS.Timeout
  #next = 0
  #asking = 0

  private constructor(program: Program, port: number, options: RivalOptions) {
    this.#program = program
    this.#port = port
    this.#options = options
    const startMs = performance.now()
    this.#timer = setInterval(() => {
      if (options.load === 'Saturated') while (this.#asking < SATURATED_AT_ONCE) this.#ask()
      else {
        const due = ((performance.now() - startMs) * PACED_PER_SEC) / 1_000
        while (this.#next < due && this.#asking < MAX_AT_ONCE) this.#ask()
        this.#next = Math.max(this.#next, Math.floor(due))
      }
    }, TICK_MS)
  }

  static async start(options: RivalOptions): Promise<Blackbox> {
    const path = join(options.folder, 'blackbox.yml')
    await writeFile(path, CONFIGURATION)
    const port = await freePort()
    const flags = [`--config.file=${path}`, `--web.listen-address=127.0.0.1:${port}`, '--log.level=error']
    return new Blackbox(new Program('prometheus-blackbox-exporter', flags), port, options)
  }

  get pid(): number {
    return this.#program.pid
  }

  #ask(): void {
    const { kind, port } = this.#options
    const index = this.#next % PACED_PER_SEC
    const at = `${targetAddress(index)}:${port}`
    const target = kind === 'tcp' ? at : `http://${at}/`
    this.#next += 1
    this.#asking += 1
    const path = `/probe?module=${kind}&target=${encodeURIComponent(target)}`
    const request = get({ host: '127.0.0.1', port: this.#port, path, agent: this.#agent }, (response) =>
      response.resume(),
    )
    // Until it listens, and when it ends: what was not probed is not counted.
    request.on('error', () => undefined)
    request.on('close', () => {
      this.#asking -= 1
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer)
    this.#agent.destroy()
    await this.#program[Symbol.asyncDispose]()
  }
}
