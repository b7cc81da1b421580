/** A new place for each test of a suite, and stores on it. What must stay true: what a test opened is closed before its place goes. */
import { afterEach, beforeEach } from 'vitest'
import type { Store } from '../../src/ports/store.ts'

export interface StorePlace {
  /** A store on the same place each time. */
  open(): Promise<Store>
  /** After the last store on it was closed. */
  remove(): Promise<void>
}

/** To be called within `describe`. The result opens one more store on the place of the test that runs. */
export function storesAt(make: () => Promise<StorePlace>): () => Promise<Store> {
  let place: StorePlace
  let opened: Store[]
  beforeEach(async () => {
    place = await make()
    opened = []
  })
  afterEach(async () => {
    for (const store of opened) await store.close()
    await place.remove()
  })
  return async () => {
    const store = await place.open()
    opened.push(store)
    return store
  }
}
