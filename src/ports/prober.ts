/**
 * A prober: runs one probe. It never throws, and takes no longer than the monitor's timeout, the time for which this process
 * itself stood still, and one turn of the loop.
 */
import type { ProbePhases } from '../core/health/frame.ts'
import type { Monitor } from '../core/model/monitor.ts'

export interface ProbeTarget {
  /** Where to connect to: a canonical IP address, or a host name that is looked up for each connection. */
  readonly address: string
  readonly port: number
}

export type ProbeResult =
  | {
      readonly kind: 'success'
      readonly degraded: boolean
      readonly detail: string
      readonly status?: number
      readonly phases: ProbePhases
    }
  | {
      readonly kind: 'failure'
      readonly detail: string
      readonly status?: number
      readonly phases: ProbePhases
    }
  /** Our own fault, or our own network's (`isNetwork`): no vote. */
  | {
      readonly kind: 'local-error'
      readonly isNetwork?: boolean
      readonly detail: string
      readonly phases: ProbePhases
    }

export interface Prober<M extends Monitor = Monitor> {
  /**
   * `signal` stands for the check: a prober may keep a connection under it for the next probe. Aborting it ends the probe with
   * a local error, and closes what was kept, at once.
   */
  probe(monitor: M, target: ProbeTarget, signal: AbortSignal): Promise<ProbeResult>
}
