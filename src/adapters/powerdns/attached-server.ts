/**
 * A PowerDNS that the operator runs: watched, never started, stopped or signalled.
 * What must stay true: Fairlead starts and publishes whether it answers or not; when it answers again after it did not, its
 * answers are read back.
 */
import type { Clock } from '../../ports/clock.ts'
import type { DnsServerListener, DnsServerProcess, DnsServerStatus } from '../../ports/dns-server.ts'
import type { ControlSocket } from './control-socket.ts'

export interface AttachedServerOptions {
  readonly control: ControlSocket
  readonly listener: DnsServerListener
  readonly clock: Clock
}

const WATCH_MS = 1_000

export class AttachedServer implements DnsServerProcess {
  readonly #options: AttachedServerOptions
  #status: DnsServerStatus = { state: 'starting', pid: null, restarts: 0, version: null, detail: 'starting' }
  #cancel: (() => void) | null = null
  #stopped = false

  constructor(options: AttachedServerOptions) {
    this.#options = options
  }

  status(): DnsServerStatus {
    return this.#status
  }

  async start({ fresh }: { readonly fresh: boolean }): Promise<void> {
    await this.#look()
    // One that answers has the file open that was there before.
    if (fresh && this.#status.state === 'attached') await this.restart('its database was made anew')
    this.#lookLater()
  }

  restart(reason: string): Promise<void> {
    this.#options.listener.onAlarm(`the attached PowerDNS must be restarted by its operator: ${reason}`)
    return Promise.resolve()
  }

  stop(): Promise<void> {
    this.#stopped = true
    this.#cancel?.()
    return Promise.resolve()
  }

  #lookLater(): void {
    if (this.#stopped) return
    this.#cancel = this.#options.clock.after(WATCH_MS, () => {
      void this.#look().then(() => {
        this.#lookLater()
      })
    })
  }

  async #look(): Promise<void> {
    const { control, listener } = this.#options
    const before = this.#status
    const version = await control.version().catch((error: unknown) => {
      this.#status = {
        ...before,
        state: 'down',
        detail: error instanceof Error ? error.message : String(error),
      }
      return null
    })
    if (version !== null) this.#status = { ...before, state: 'attached', version, detail: 'attached' }
    if (this.#stopped || this.#status.state === before.state) return
    listener.onStatus()
    if (this.#status.state === 'down')
      listener.onAlarm(`the attached PowerDNS does not answer: ${this.#status.detail}`)
    else if (before.state === 'down') listener.onRestarted()
  }
}
