/** Whether anybody can see the tab that this page is in. */
const CHANGE = 'visibilitychange'

export const tab = {
  /** Resolves as soon as it can be seen, or `signal` aborts. */
  shown: async (signal: AbortSignal): Promise<void> => {
    if (!document.hidden || signal.aborted) return
    const shown = Promise.withResolvers<undefined>()
    const done = new AbortController()
    const end = () => {
      if (document.hidden && !signal.aborted) return
      done.abort()
      shown.resolve(undefined)
    }
    document.addEventListener(CHANGE, end, { signal: done.signal })
    signal.addEventListener('abort', end, { signal: done.signal })
    await shown.promise
  },

  /** Calls `then` when it is hidden, until `signal` aborts. */
  onHidden: (then: () => void, signal: AbortSignal): void => {
    const look = () => {
      if (document.hidden) then()
    }
    document.addEventListener(CHANGE, look, { signal })
    look()
  },
}
