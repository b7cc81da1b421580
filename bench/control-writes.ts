/** Change sets a second through the API: on resources of their own, and all on one resource. */
import type { BenchedControl } from './control-cluster.ts'
import { BALANCERS, movedEndpoint } from './control-world.ts'
import { round } from './round.ts'

/** Clients at once, over all controls. */
const CLIENTS = 16
const WARM_UP_MS = 2_000
const WINDOW_MS = 8_000
const CONTENDED_CLIENTS = 8
const CONTENDED_MS = 5_000
const CONTENDED = '/v1/pools/p0/endpoints/a'

/** Each client moves its own endpoints, one after the other; the next when the last is acknowledged. */
export async function measureWrites(controls: readonly BenchedControl[], firstMove: number): Promise<number> {
  let done = 0
  let from = 0
  const startedMs = performance.now()
  const [beginMs, endMs] = [startedMs + WARM_UP_MS, startedMs + WARM_UP_MS + WINDOW_MS]
  const client = async (index: number): Promise<void> => {
    const { api } = controls[index % controls.length]!
    for (let move = firstMove; performance.now() < endMs; move += 1) {
      const balancer = (index + move * CLIENTS) % BALANCERS
      await api.commit(`write-${index}-${move}`, [movedEndpoint(balancer, move)])
      if (performance.now() < beginMs) from += 1
      if (performance.now() < endMs) done += 1
    }
  }
  await Promise.all(Array.from({ length: CLIENTS }, (_, index) => client(index)))
  return Math.round(((done - from) * 1_000) / WINDOW_MS)
}

/** All clients through all controls want to write the same endpoint, each on the state that it has read. */
export async function measureContention(controls: readonly BenchedControl[]) {
  const seen = { written: 0, refused: 0 }
  const startedMs = performance.now()
  const client = async (index: number): Promise<void> => {
    const { api } = controls[index % controls.length]!
    for (let move = 1; performance.now() < startedMs + CONTENDED_MS; move += 1) {
      const { etag } = await api.send(`GET ${CONTENDED}`)
      const { spec } = movedEndpoint(index, move)
      const { status, body } = await api.send(`PUT ${CONTENDED}`, { body: spec, etag })
      if (status !== 200 && status !== 412) throw new Error(`a write was answered with ${status}: ${body}`)
      seen[status === 200 ? 'written' : 'refused'] += 1
    }
  }
  await Promise.all(Array.from({ length: CONTENDED_CLIENTS }, (_, index) => client(index)))
  const perSec = (count: number) => round((count * 1_000) / (performance.now() - startedMs), 1)
  return { contendedWritesPerSec: perSec(seen.written), contendedConflictsPerSec: perSec(seen.refused) }
}
