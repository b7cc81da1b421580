/**
 * Keeps the view current: an event or a second that passed asks for the status anew, one request at a time.
 * What must stay true: a burst of events costs one request, not one each; a lost connection is shown and mended, never the end.
 */
import { CommandError } from '../../core/exit-code.ts'
import { statusSchema, type Status } from '../../core/views/status.ts'
import type { ApiClient } from '../api/api-client.ts'
import { followEvents } from '../api/follow-events.ts'
import type { Io } from '../io.ts'
import { paintFor } from '../output/paint.ts'
import { renderStatus } from './render-status.ts'
import { openTerminal } from './terminal.ts'

export interface LiveViewOptions {
  readonly client: ApiClient
  readonly io: Io
  readonly hints: readonly string[]
  /** Ends the view. */
  readonly signal: AbortSignal
}

const REFRESH_MS = 1_000
/** The least time between two requests, so that a storm of events does not become a storm of requests. */
const PAUSE_MS = 50
const STATUS_LIMIT = '200'

/** Throws CommandError when there is no status to begin with. */
export async function runLiveView({ client, io, hints, signal }: LiveViewOptions): Promise<void> {
  const read = () => client.send({ path: 'v1/status', query: { limit: STATUS_LIMIT } }, statusSchema)
  let status: Status = await read()
  let lost: string | null = null
  const bell = new Bell()
  const terminal = openTerminal(io)
  const paint = paintFor(io.stdout, io.environment)
  const draw = () => {
    terminal.draw(renderStatus({ status, hints, lost }, { size: io.stdout.size, nowMs: io.now(), paint }))
  }
  const forgetResize = io.stdout.onResize(draw)
  const following = ringOnEvents({ client, io, hints, signal }, bell)
  const ended = () => signal.aborted
  try {
    while (!ended()) {
      draw()
      await bell.wait(io, { timeoutMs: REFRESH_MS, signal })
      if (ended()) break
      try {
        status = await read()
        lost = null
      } catch (error) {
        if (!(error instanceof CommandError)) throw error
        lost = error.message
      }
      await io.delay(PAUSE_MS, signal)
    }
  } finally {
    forgetResize()
    terminal.close()
  }
  await following
}

/** The stream only says that something happened; what there is to see comes from the status. */
async function ringOnEvents({ client, io, signal }: LiveViewOptions, bell: Bell): Promise<void> {
  const ended = () => signal.aborted
  while (!ended()) {
    try {
      for await (const followed of followEvents(client, io, signal)) if (followed.kind !== 'lost') bell.ring()
    } catch (error) {
      // The status request that follows meets the same fault and shows it; without a stream it still comes every second.
      if (!(error instanceof CommandError)) throw error
    }
    await io.delay(REFRESH_MS, signal)
  }
}

/** Remembers a ring that nobody waited for: no event is lost between two waits. */
class Bell {
  #rung = false
  #wake: (() => void) | null = null

  ring(): void {
    this.#rung = true
    this.#wake?.()
  }

  async wait(io: Io, { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal }): Promise<void> {
    if (!this.#rung) {
      const enough = new AbortController()
      const abort = () => {
        enough.abort()
      }
      this.#wake = abort
      signal.addEventListener('abort', abort, { once: true })
      await io.delay(timeoutMs, enough.signal)
      signal.removeEventListener('abort', abort)
      this.#wake = null
    }
    this.#rung = false
  }
}
