/**
 * What checkers and nameservers have in common: a host, a disk, and processes that live one after the other.
 * What must stay true: a process starts from what the disk holds and from nothing else of the life before.
 */
import { Disk } from './disk.ts'
import { Host, Life } from './host.ts'
import type { Stage } from './stage.ts'

export abstract class SimulatedNode {
  readonly name: string
  readonly site: string
  readonly host: Host
  protected readonly stage: Stage
  protected readonly disk: Disk
  #life: Life | null = null

  constructor(stage: Stage, { name, site }: { readonly name: string; readonly site: string }) {
    this.stage = stage
    this.name = name
    this.site = site
    this.host = new Host(stage.queue, stage.random, stage.wallShiftMs)
    this.disk = new Disk(this.host, stage.random)
  }

  protected get life(): Life | null {
    return this.#life
  }

  /** Its process exists: the system accepts connections for it, also while it is stopped. */
  get exists(): boolean {
    return this.#life !== null
  }

  start(): void {
    if (this.#life !== null) return
    const life = new Life(this.host)
    this.#life = life
    this.begin(life)
  }

  /** SIGKILL. */
  kill(): void {
    this.#life?.kill()
    this.#life = null
    this.ended()
  }

  /** The machine loses its power. */
  losePower(): void {
    this.kill()
    this.disk.losePower()
  }

  /** Killed, and started again after a while. */
  restart(afterMs: number): void {
    this.kill()
    this.stage.after(afterMs, () => {
      this.start()
    })
  }

  /** Ended as its kind is in an upgrade, and started again after a while. */
  upgrade(afterMs: number): void {
    this.restart(afterMs)
  }

  /** SIGSTOP, and SIGCONT after a while. */
  pause(forMs: number): void {
    const life = this.#life
    life?.stop()
    this.stage.after(forMs, () => {
      life?.continue()
    })
  }

  protected abstract begin(life: Life): void
  protected abstract ended(): void
}
