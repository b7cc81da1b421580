/** What `status` shows. */
import { isComplete } from '../load/judge.ts'
import { monotonicMs } from '../monotonic-ms.ts'
import { powerdnsOf } from '../world/lab-site.ts'
import type { World } from '../world/world.ts'

/** So much of the past is told. */
const WINDOW_MS = 5_000

export interface LabStatus {
  readonly pace: string
  /** One way, on the link of each site. */
  readonly delayMs: number
  readonly sites: readonly {
    readonly name: string
    readonly powerdns: readonly number[]
    readonly endpoints: readonly {
      readonly name: string
      readonly address: string
      readonly isDead: boolean
    }[]
    /** In the last seconds: questions, and answers with exactly what lives. */
    readonly asked: number
    readonly complete: number
  }[]
}

export function statusOf(world: World): LabStatus {
  const { truth, endpoints, load } = world
  const seen = load.since(monotonicMs() - WINDOW_MS)
  const options = { endpoints, spans: truth.spans, outMs: 0, recoverMs: 0 }
  return {
    ...{ pace: world.pace, delayMs: world.network.delayMs },
    sites: world.sites.map((site) => {
      const answers = seen.filter(({ nameserver }) => nameserver === site.nameserver.name)
      return {
        ...{ name: site.name, powerdns: powerdnsOf(site) },
        endpoints: site.endpoints.map(({ name, address }) => ({
          ...{ name, address: address.v4, isDead: truth.isNow(name, 'dead') },
        })),
        asked: answers.length,
        complete: answers.filter((answer) => isComplete(answer, options)).length,
      }
    }),
  }
}
