/** A configuration, verdicts and two clocks in few words, for tests of what steering remembers. */
import type { Transition } from '../../../health/verdict-book.ts'
import { UNDECIDED, type Standing, type VerdictState } from '../../../health/verdict.ts'
import { configurationOf, applyChanges, type Configuration } from '../../../model/configuration.ts'
import { documentSchema, resourcesOfDocument, type Document } from '../../../model/document.ts'
import type { EndpointKey, Resource } from '../../../model/resource.ts'
import type { Now } from '../now.ts'
import type { SavedSteering } from '../saved-steering.ts'
import { SteeringState, type SteeringStep } from '../steering-state.ts'

type Parts = { readonly [K in keyof Document]?: unknown }

export const START: Now = { wallMs: 1_800_000_000_000, monotonicMs: 5_000 }

export function at(sec: number, from: Now = START): Now {
  return { wallMs: from.wallMs + sec * 1_000, monotonicMs: from.monotonicMs + sec * 1_000 }
}

/** Endpoints a, b, c ... of a pool; the last of `sites` takes what is left. */
export function endpoints(count: number, site: (index: number) => string = () => 'ams'): object[] {
  return Array.from({ length: count }, (_, index) => ({
    name: String.fromCharCode(97 + index),
    address: `192.0.2.${index + 1}`,
    port: 80,
    site: site(index),
  }))
}

export function configuration(parts: Parts, ...kept: Resource[]): Configuration {
  const document = documentSchema.parse({
    sites: [{ name: 'ams' }, { name: 'nyc' }],
    monitors: [{ name: 'http', kind: 'http' }],
    zones: [{ name: 'example.test', nameservers: ['ns.elsewhere.test'] }],
    ...parts,
  })
  return applyChanges(
    configurationOf(resourcesOfDocument(document)),
    kept.map((resource) => ({ op: 'put', ...resource }) as const),
  )
}

export function balancer(name: string, policy: object, more: object = {}): object {
  return { name: `${name}.example.test`, zone: 'example.test', policy, ...more }
}

/** One reader: its verdicts, its state, and a restart that keeps what would be on disk. */
export class Reader {
  verdicts = new Map<EndpointKey, Standing>()
  now: Now
  state: SteeringState
  #tick = 0

  constructor(now: Now = START) {
    this.now = now
    this.state = this.#newState(null)
  }

  /** Verdicts change together; the endpoints and what they become. */
  become(states: Readonly<Record<EndpointKey, VerdictState>>): SteeringStep {
    const transitions = Object.entries(states).map(([endpoint, state]): Transition => {
      const from = this.verdicts.get(endpoint) ?? UNDECIDED
      this.#tick += 1
      const lastUp = from.state === 'up' ? this.#tick : from.lastUp
      const to = { ...from, state, lastUp, quorum: { down: 1, up: 1 }, votes: [] }
      this.verdicts.set(endpoint, to)
      return { endpoint, from, to }
    })
    return this.state.onTransitions(transitions, this.now)
  }

  /** Advances both clocks, then ticks. */
  pass(sec: number): SteeringStep {
    this.now = at(sec, this.now)
    return this.state.tick(this.now)
  }

  define(configuration: Configuration): ReturnType<SteeringState['define']> {
    return this.state.define(configuration, this.now)
  }

  /** The process ends and comes back `sec` later, with another monotonic clock; call `define` after it. */
  restart(sec: number, onDisk = this.state.save(this.now)): void {
    const saved = JSON.parse(JSON.stringify(onDisk)) as SavedSteering
    this.now = { wallMs: this.now.wallMs + sec * 1_000, monotonicMs: 17 }
    this.state = this.#newState(saved)
  }

  #newState(saved: SavedSteering | null): SteeringState {
    return new SteeringState({ verdict: (endpoint) => this.verdicts.get(endpoint), saved })
  }
}
