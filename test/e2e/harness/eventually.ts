/** Asks again until it holds, or fails with the last reason: for servers outside this process that give no event. */
import { setTimeout as delay } from 'node:timers/promises'

export async function eventually<T>(
  check: () => Promise<T> | T,
  options: { readonly withinMs: number; readonly everyMs?: number } = { withinMs: 10_000 },
): Promise<T> {
  const deadline = performance.now() + options.withinMs
  for (;;) {
    try {
      return await check()
    } catch (error) {
      if (performance.now() > deadline)
        throw new Error(
          `not within ${options.withinMs} ms: ${error instanceof Error ? error.message : String(error)}`,
          {
            cause: error,
          },
        )
    }
    await delay(options.everyMs ?? 50)
  }
}
