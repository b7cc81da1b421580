/**
 * Probes over the simulated network: what a checker at a site sees of an endpoint, and of the way to its peers and canaries.
 * What must stay true: like the real ones they never throw, and end by the time-out, counted on the host's own clock.
 */
import type { PathOutcome } from '../core/health/path-loss.ts'
import type { Monitor } from '../core/model/monitor.ts'
import type { PathProber } from '../ports/path-prober.ts'
import type { Prober, ProbeResult, ProbeTarget } from '../ports/prober.ts'
import type { Life } from './host.ts'
import type { Network } from './network.ts'
import type { SimulatedEndpoint } from './simulated-endpoint.ts'

/** A path that every living endpoint answers with 404: what a typo in a monitor leads to. */
export const TYPO_PATH = '/helathz'

export interface Surroundings {
  readonly network: Network
  endpointAt(address: string): SimulatedEndpoint | undefined
  /** Where the address is, and whether anybody accepts connections there. */
  hostAt(address: string): { readonly place: string; readonly listens: boolean } | undefined
  /** The event at hand settles promises. */
  promised(): void
}

export interface ProberOptions {
  readonly site: string
  readonly life: Life
  readonly around: Surroundings
  /** It says the opposite of what it sees. */
  readonly lies: () => boolean
  readonly onOutcome: (endpoint: SimulatedEndpoint, isSuccess: boolean) => void
}

export class SimulatedProber implements Prober {
  readonly #options: ProberOptions

  constructor(options: ProberOptions) {
    this.#options = options
  }

  probe(monitor: Monitor, target: ProbeTarget, signal: AbortSignal): Promise<ProbeResult> {
    const { life, around, lies, onOutcome } = this.#options
    const endpoint = around.endpointAt(target.address)
    if (endpoint === undefined) throw new Error(`nothing is known of ${target.address}`)
    const { promise, resolve } = Promise.withResolvers<ProbeResult>()
    const { result, afterMs } = this.#see(endpoint, monitor)
    const end = () => {
      around.promised()
      resolve({ kind: 'local-error', detail: 'ended', phases: { totalMs: 0 } })
    }
    signal.addEventListener('abort', end)
    life.after(afterMs, () => {
      if (signal.aborted) return
      signal.removeEventListener('abort', end)
      const said = lies() ? opposite(result) : result
      onOutcome(endpoint, said.kind === 'success')
      around.promised()
      resolve(said)
    })
    return promise
  }

  #see(
    endpoint: SimulatedEndpoint,
    monitor: Monitor,
  ): { readonly result: ProbeResult; readonly afterMs: number } {
    const { site, around } = this.#options
    const tripMs = around.network.roundTrip(site, endpoint.place)
    const { timeoutMs } = monitor
    if (tripMs === null || tripMs > timeoutMs || endpoint.condition === 'silent')
      return { result: failure('no answer in time', timeoutMs), afterMs: timeoutMs }
    if (endpoint.condition === 'refusing')
      return { result: failure('connection refused', tripMs), afterMs: tripMs }
    if ('path' in monitor && monitor.path === TYPO_PATH)
      return { result: failure('HTTP 404, expected 200-299', tripMs), afterMs: tripMs }
    return { result: success(tripMs), afterMs: tripMs }
  }
}

function success(totalMs: number): ProbeResult {
  return { kind: 'success', degraded: false, detail: 'HTTP 200', status: 200, phases: { totalMs } }
}

function failure(detail: string, totalMs: number): ProbeResult {
  return { kind: 'failure', detail, phases: { totalMs } }
}

function opposite({ kind, phases }: ProbeResult): ProbeResult {
  return kind === 'success' ? failure('HTTP 500', phases.totalMs) : success(phases.totalMs)
}

export class SimulatedPaths implements PathProber {
  readonly #options: Pick<ProberOptions, 'site' | 'life' | 'around'>

  constructor(options: Pick<ProberOptions, 'site' | 'life' | 'around'>) {
    this.#options = options
  }

  reach({ address }: ProbeTarget, timeoutMs: number, signal: AbortSignal): Promise<PathOutcome> {
    const { site, life, around } = this.#options
    const host = around.hostAt(address)
    if (host === undefined) throw new Error(`nothing is known of ${address}`)
    const { promise, resolve } = Promise.withResolvers<PathOutcome>()
    const tripMs = around.network.roundTrip(site, host.place)
    const comes = tripMs !== null && tripMs <= timeoutMs
    const end = () => {
      around.promised()
      resolve('untried')
    }
    signal.addEventListener('abort', end)
    life.after(comes ? tripMs : timeoutMs, () => {
      signal.removeEventListener('abort', end)
      around.promised()
      resolve(comes && host.listens ? 'reached' : 'missed')
    })
    return promise
  }
}
