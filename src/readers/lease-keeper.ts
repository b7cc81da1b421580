/**
 * Takes a lease when it is free, keeps it by beats, and knows when it is another one's.
 * What must stay true: it counts as held only for as long as nobody else may take it, counted from before the beat was sent; a
 * holder that was stopped meanwhile finds by the database that it is not the holder any more; it never rejects.
 */
import type { Lease } from '../core/lease/lease.ts'
import { freeInMs, sightOf, type LeaseSight } from '../core/lease/lease-sight.ts'
import type { Clock } from '../ports/clock.ts'
import type { LeaseStorage } from '../ports/leases.ts'

export interface LeaseKeeperOptions {
  readonly leases: LeaseStorage
  readonly name: string
  /** Unique to this run of this process. */
  readonly holder: string
  /** How long it may be silent before others take over. */
  readonly lastsMs: number
  readonly clock: Clock
  /** The database does not answer, or refuses; told once until it answers again. */
  readonly onFault: (error: unknown) => void
  /** It answers again. */
  readonly onAnswer?: () => void
  /** It hears what the work needs; absent: always. One that does not leaves the lease to one that does. */
  readonly isFit?: () => boolean
  readonly onTaken?: (lease: Lease) => void
  /** Another one has taken it, or may. */
  readonly onLost?: () => void
}

const BEATS_A_LEASE = 4
/** Times of a lease for which one that is not fit leaves it to others: then nobody is, and one does the work all the same. */
const LEFT_TO_OTHERS = 3

export class LeaseKeeper {
  readonly #options: LeaseKeeperOptions
  #lease: Lease | null = null
  /** Monotonic ms. */
  #heldUntilMs = -Infinity
  #sight: LeaseSight | null = null
  #stepping: Promise<void> = Promise.resolve()
  #cancel: () => void = () => undefined
  #failing = false
  #stopped = false
  /** Monotonic ms since when it is not fit; null: it is. */
  #unfitSinceMs: number | null = null
  /** It was fit since it took the lease: what was taken because nobody is fit is not given away again. */
  #wasFit = false
  /** Monotonic ms since when the lease was seen free, and left to others. */
  #leftSinceMs: number | null = null

  constructor(options: LeaseKeeperOptions) {
    this.#options = options
  }

  /** Nobody else may have taken it yet. */
  get isHeld(): boolean {
    return this.#lease !== null && this.#options.clock.monotonicMs() < this.#heldUntilMs
  }

  /** What was seen of it last; null: not looked yet, or nobody has ever held it. */
  get seen(): Lease | null {
    return this.#lease ?? this.#sight?.lease ?? null
  }

  start(): void {
    this.#stepping = this.#step().then((delayMs) => {
      if (this.#stopped) return
      this.#cancel = this.#options.clock.after(delayMs, () => {
        this.start()
      })
    })
  }

  /** The database refused what was done under this lease: another one has it. */
  fenced({ epoch }: Pick<Lease, 'epoch'>): void {
    if (this.#lease?.epoch === epoch) this.#lost()
  }

  /** Releases it, so that nobody has to wait. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancel()
    await this.#stepping
    const lease = this.#lease
    this.#lease = null
    // One that cannot be released runs out by itself.
    if (lease !== null) await this.#options.leases.release(lease).catch(this.#options.onFault)
  }

  /** How long to wait for the next one. */
  async #step(): Promise<number> {
    const { lastsMs, clock, onFault } = this.#options
    const beatMs = (lastsMs / BEATS_A_LEASE) * (0.9 + Math.random() * 0.2)
    this.#lookWhetherFit()
    try {
      const leftMs = this.#lease === null ? await this.#tryToTake() : await this.#keep(this.#lease)
      const isBack = this.#failing
      this.#failing = false
      if (isBack) this.#options.onAnswer?.()
      return Math.min(beatMs, leftMs)
    } catch (error) {
      if (!this.#failing) onFault(error)
      this.#failing = true
      // Its holder may have had no database to beat in either.
      if (this.#sight !== null) this.#sight = { ...this.#sight, sinceMs: clock.monotonicMs() }
      return beatMs
    }
  }

  #lookWhetherFit(): void {
    const { isFit = () => true, clock } = this.#options
    const fit = isFit()
    if (fit) this.#wasFit = true
    this.#unfitSinceMs = fit ? null : (this.#unfitSinceMs ?? clock.monotonicMs())
  }

  async #keep(lease: Lease): Promise<number> {
    const { leases, clock, lastsMs } = this.#options
    const sinceMs = this.#unfitSinceMs ?? Infinity
    if (!this.#wasFit || clock.monotonicMs() - sinceMs < lastsMs) return this.#renew(lease)
    this.#lost()
    await leases.release(lease)
    return lastsMs
  }

  async #renew(lease: Lease): Promise<number> {
    const { leases, clock, lastsMs } = this.#options
    const startedMs = clock.monotonicMs()
    const renewed = await leases.renew(lease)
    // Fenced meanwhile.
    if (this.#lease !== lease) return 0
    if (renewed === null) {
      this.#lost()
      return 0
    }
    this.#lease = renewed
    this.#heldUntilMs = startedMs + lastsMs
    // It took so long that it does not count any more.
    return this.isHeld ? lastsMs : 0
  }

  #lost(): void {
    this.#lease = null
    this.#sight = null
    this.#options.onLost?.()
  }

  /** How long it is not free yet. */
  async #tryToTake(): Promise<number> {
    const { leases, clock, name, holder, lastsMs, onTaken } = this.#options
    const seen = await leases.read(name)
    this.#sight = sightOf(this.#sight, seen, clock.monotonicMs())
    const leftMs = freeInMs(this.#sight, clock.monotonicMs())
    if (leftMs > 0 || this.#stopped) {
      this.#leftSinceMs = null
      return Math.max(1, leftMs)
    }
    const startedMs = clock.monotonicMs()
    if (this.#unfitSinceMs !== null) {
      this.#leftSinceMs ??= startedMs
      const waitMs = this.#leftSinceMs + LEFT_TO_OTHERS * lastsMs - startedMs
      if (waitMs > 0) return waitMs
    }
    this.#leftSinceMs = null
    const taken = await leases.take({ name, holder, lastsMs }, seen)
    if (taken === null) return 1
    this.#lease = taken
    this.#sight = null
    this.#heldUntilMs = startedMs + lastsMs
    this.#wasFit = this.#unfitSinceMs === null
    onTaken?.(taken)
    return lastsMs
  }
}
