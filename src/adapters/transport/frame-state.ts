/**
 * What a checker's frames have come to, and what of it has not been sent yet: the frames of one turn of the loop become one.
 * What must stay true: merged frames say what they said one by one; the sequence on the wire is one more for each that is
 * taken, so that a reader sees no gap where frames were merged, or where only others were sent a whole one.
 */
import type { Frame, ReportedRegister } from '../../core/health/frame.ts'
import type { EndpointKey } from '../../core/model/resource.ts'

export class FrameState {
  readonly #known = new Map<EndpointKey, ReportedRegister>()
  #pending = new Map<EndpointKey, ReportedRegister>()
  #pendingSnapshot = false
  #isPending = false
  #latest: Omit<Frame, 'gridMs'> | null = null
  /** Of the latest frame: it goes with that one alone, since a whole state may be made up long after it. */
  #gridMs: number | undefined
  #sequence = 0

  add(frame: Frame): void {
    if (this.#latest !== null && this.#latest.incarnation !== frame.incarnation) this.#sequence = 0
    if (frame.snapshot) {
      this.#known.clear()
      this.#pending.clear()
      this.#pendingSnapshot = true
    }
    for (const register of frame.registers) {
      this.#known.set(register.endpoint, register)
      this.#pending.set(register.endpoint, register)
    }
    const { gridMs, ...latest } = frame
    this.#latest = latest
    this.#gridMs = gridMs
    this.#isPending = true
  }

  /** Everything since the last time as one frame; null when there is nothing. */
  take(): Frame | null {
    if (this.#latest === null || !this.#isPending) return null
    this.#sequence += 1
    const registers = [...this.#pending.values()]
    const gridMs = this.#gridMs === undefined ? {} : { gridMs: this.#gridMs }
    const snapshot = this.#pendingSnapshot
    const frame = { ...this.#latest, ...gridMs, sequence: this.#sequence, registers, snapshot }
    this.#pending = new Map()
    this.#pendingSnapshot = false
    this.#isPending = false
    return frame
  }

  /** What all frames that were taken have come to; null before the first. */
  whole(): Frame | null {
    if (this.#latest === null || this.#sequence === 0) return null
    return { ...this.#latest, sequence: this.#sequence, registers: [...this.#known.values()], snapshot: true }
  }
}
