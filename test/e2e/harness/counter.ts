/**
 * A number in a static record, which several writers raise by one at a time through the controls, each by the ETag that it read:
 * what the store holds in the end says whether a change was lost, or applied twice.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'vitest'
import { openStoreOf } from '../../contract/open-store-of.ts'
import { sendTo, type Reply } from './send-to.ts'
import type { ServiceProcess } from './service-process.ts'

const ZONE = 'counter.test'
const PATH = `/v1/zones/${ZONE}`

const zoneWith = (count: number) => ({
  ...{ name: ZONE, nameservers: ['ns1.elsewhere.test'] },
  records: [{ name: 'count', type: 'TXT', values: [String(count)] }],
})
const countOf = (zone: unknown) => Number((zone as { records: { values: string[] }[] }).records[0]?.values[0])

export class Counter {
  /** A TXT record whose value is the number. */
  readonly name = `count.${ZONE}`
  /** Since `zero`; unknown: without an answer that says whether it was done. */
  readonly seen = { done: 0, stale: 0, unknown: 0 }
  /** By control: when the last one that was acknowledged had been sent, and the longest time without one. */
  readonly rhythm = new Map<ServiceProcess, { sentMs: number; pauseMs: number; lastMs: number }>()
  readonly #controls: readonly ServiceProcess[]

  constructor(controls: readonly ServiceProcess[]) {
    this.#controls = controls
  }

  /** Since `zero`. */
  get sent(): number {
    const { done, stale, unknown } = this.seen
    return done + stale + unknown
  }

  read(control: ServiceProcess): Promise<Reply | null> {
    return sendTo(control, `GET ${PATH}`)
  }

  /** As it is said, whatever it was. */
  write(control: ServiceProcess, count: number): Promise<Reply | null> {
    return sendTo(control, `PUT ${PATH}`, { body: zoneWith(count) })
  }

  async zero(): Promise<void> {
    expect((await this.write(this.#controls[0]!, 0))?.status).toBeLessThan(300)
    for (const name of ['done', 'stale', 'unknown'] as const) this.seen[name] = 0
    this.rhythm.clear()
  }

  /** Raises it until that is so; each writer goes from one control to the other. */
  async raise(writers: number, isOver: () => boolean): Promise<void> {
    const writer = async (index: number) => {
      for (let turn = index; !isOver(); turn += 1)
        await this.#raiseBy(this.#controls[turn % this.#controls.length]!)
    }
    await Promise.all(Array.from({ length: writers }, (_, index) => writer(index)))
  }

  /** Revisions without a gap, and every number since `zero` once: at least those that were acknowledged, not more than were sent. */
  async isSoundIn(store: string): Promise<void> {
    const { seen } = this
    const opened = await openStoreOf(store)
    try {
      const revisions = await opened.revisionsAfter(0, 1_000_000)
      expect(revisions.map(({ number }) => number)).toEqual(revisions.map((_, index) => index + 1))
      const counts = revisions.flatMap(({ changes }) =>
        changes.flatMap(({ key, after }) => (key === ZONE ? [countOf(after)] : [])),
      )
      const since = counts.slice(counts.lastIndexOf(0))
      expect(since).toEqual(since.map((_, index) => index))
      expect(since.length - 1).toBeGreaterThanOrEqual(seen.done)
      expect(since.length - 1).toBeLessThanOrEqual(seen.done + seen.unknown)
      expect(seen.stale).toBeGreaterThan(0)
    } finally {
      await opened.close()
    }
  }

  async #raiseBy(control: ServiceProcess): Promise<void> {
    const { seen } = this
    const now = await this.read(control)
    if (now?.status !== 200 || now.etag === null) {
      await delay(20)
      return
    }
    const sentMs = performance.now()
    const body = zoneWith(countOf(now.body) + 1)
    const reply = await sendTo(control, `PUT ${PATH}`, { body, etag: now.etag })
    if (reply === null) {
      seen.unknown += 1
      return
    }
    expect([200, 412]).toContain(reply.status)
    seen[reply.status === 200 ? 'done' : 'stale'] += 1
    if (reply.status === 200) this.#acknowledged(control, sentMs)
  }

  #acknowledged(control: ServiceProcess, sentMs: number): void {
    const nowMs = performance.now()
    const before = this.rhythm.get(control) ?? { sentMs, pauseMs: 0, lastMs: nowMs }
    this.rhythm.set(control, {
      sentMs: Math.max(before.sentMs, sentMs),
      pauseMs: Math.max(before.pauseMs, nowMs - before.lastMs),
      lastMs: nowMs,
    })
  }
}
