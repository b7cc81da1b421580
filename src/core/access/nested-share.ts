/**
 * A fair share of what is told by somebody of many: what one of them says of one takes nothing of what is kept for the others that it
 * tells of, and nothing of what is kept for those who tell beside it.
 * What must stay true: one outer one has no more inner ones than it may take, so that what is remembered is bounded by both.
 */
import { FairShare, type ShareOf } from './fair-share.ts'

export class NestedShare {
  readonly #outer: FairShare
  readonly #inner: FairShare

  constructor({ outer, inner }: { readonly outer: ShareOf; readonly inner: ShareOf }) {
    this.#outer = new FairShare(outer)
    this.#inner = new FairShare(inner)
  }

  /** False: there is nothing left for it. */
  take(outer: string, inner: string): boolean {
    const key = keyOf(outer, inner)
    if (!this.#outer.has(outer) || !this.#inner.has(key)) return false
    return this.#outer.take(outer) && this.#inner.take(key)
  }

  /** It has had some. */
  knows(outer: string, inner: string): boolean {
    return this.#inner.knows(keyOf(outer, inner))
  }

  knowsOuter(outer: string): boolean {
    return this.#outer.knows(outer)
  }

  /** Everybody begins anew. */
  reset(): void {
    this.#outer.reset()
    this.#inner.reset()
  }
}

function keyOf(outer: string, inner: string): string {
  return JSON.stringify([outer, inner])
}
