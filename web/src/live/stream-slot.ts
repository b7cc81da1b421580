/**
 * How many tabs of this browser follow this control by a stream: a browser has six connections to it, for all of its tabs, and a stream
 * keeps one. By the browser's own locks, which it frees when a tab ends, however it does.
 */
const SLOTS = 4

/** Held until `until` aborts. false: others hold all of them. */
export async function takeStreamSlot(until: AbortSignal): Promise<boolean> {
  for (let slot = 1; slot <= SLOTS; slot += 1) if (await take(`fairlead-stream-${slot}`, until)) return true
  return false
}

async function take(name: string, until: AbortSignal): Promise<boolean> {
  const taken = Promise.withResolvers<boolean>()
  const held = navigator.locks.request(name, { ifAvailable: true }, async (lock) => {
    taken.resolve(lock !== null)
    if (lock !== null) await aborted(until)
  })
  held.catch(taken.reject)
  return taken.promise
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  const { promise, resolve } = Promise.withResolvers<undefined>()
  signal.addEventListener('abort', () => {
    resolve(undefined)
  })
  await promise
}
