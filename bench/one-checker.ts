/** The one checker that a bench plays: what it says of endpoints goes to a nameserver in the same process, at once. */
import type { LocalFrames } from '../src/adapters/transport/local-frames.ts'
import { definitionsOf } from '../src/core/health/definition.ts'
import type { ReportedRegister } from '../src/core/health/frame.ts'
import type { Configuration } from '../src/core/model/configuration.ts'
import type { EndpointKey } from '../src/core/model/resource.ts'

const HEARTBEAT_MS = 1_000

export class OneChecker {
  readonly #frames: LocalFrames
  readonly #definitions: ReadonlyMap<EndpointKey, string>
  #sequence = 0
  #heartbeat: NodeJS.Timeout | undefined

  constructor(frames: LocalFrames, configuration: Configuration) {
    this.#frames = frames
    this.#definitions = definitionsOf(configuration)
  }

  /** The first time it is a whole state. */
  say(registers: Iterable<readonly [EndpointKey, 'up' | 'down']>): void {
    this.#sequence += 1
    this.#frames.send({
      ...{ checker: 'bench', site: 'here', incarnation: 1, sequence: this.#sequence, revision: 1 },
      ...{ fenced: false, loss: 0, snapshot: this.#sequence === 1 },
      registers: Array.from(registers, ([endpoint, state]): ReportedRegister => ({
        ...{ endpoint, state, degraded: false, output: [] },
        definition: this.#definitions.get(endpoint) ?? '',
      })),
    })
  }

  /** Checkers speak once a second, whether anything changed or not. The result ends it. */
  keepSpeaking(): () => void {
    this.#heartbeat = setInterval(() => {
      this.say([])
    }, HEARTBEAT_MS)
    return () => {
      clearInterval(this.#heartbeat)
    }
  }
}
