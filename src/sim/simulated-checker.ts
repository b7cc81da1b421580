/** A checker: the real one, over a simulated network, clock and disk. */
import { pino } from 'pino'
import { Checker } from '../checker/checker.ts'
import { nextIncarnation } from '../core/health/incarnation.ts'
import type { Frame } from '../core/health/frame.ts'
import { FrameInlet, FrameOutlet, type FrameDestination } from './frame-links.ts'
import type { Life } from './host.ts'
import { followControl } from './node-feed.ts'
import type { PathProber } from '../ports/path-prober.ts'
import { SimulatedNode } from './simulated-node.ts'
import type { Ablation } from './stage.ts'
import { SimulatedPaths, SimulatedProber } from './simulated-network-probers.ts'

const MAX_PROBES = 10_000
const ALMOST_A_ROUND_MS = 950
const SILENT = pino({ level: 'silent' })

export class SimulatedChecker extends SimulatedNode implements FrameDestination {
  /** It says the opposite of what its probes see. */
  lies = false
  #outlet: FrameOutlet | null = null
  #inlet: FrameInlet | null = null

  /** A frame of another checker: for hints. */
  arrive(frame: Frame): void {
    const inlet = this.#inlet
    this.life?.meet(() => inlet?.take(frame))
  }

  /** A reader asks for the whole state. */
  ask(destination: FrameDestination): void {
    const outlet = this.#outlet
    this.life?.meet(() => outlet?.ask(destination))
  }

  protected begin(life: Life): void {
    const { name, site, stage, disk } = this
    const around = stage.surroundings
    const outlet = new FrameOutlet({
      ...{ site, life, network: stage.network },
      destinations: () => stage.readersOf(this),
      onMade: (frame) => {
        stage.invariants.made(frame)
      },
      onSent: (...sent) => {
        stage.invariants.sent(...sent)
      },
    })
    const inlet = new FrameInlet((checker) => {
      stage.askForWhole(this, checker)
    })
    const checker = new Checker({
      ...{ name, site, clock: life, logger: SILENT, maxProbes: MAX_PROBES },
      reserveIncarnation: () => {
        disk.incarnation = nextIncarnation(disk.incarnation, life.wallMs())
        stage.queue.promised()
        stage.invariants.began(name, disk.incarnation)
        return Promise.resolve(disk.incarnation)
      },
      feed: followControl({ site, life, disk, control: stage.control, network: stage.network }),
      sink: outlet,
      peers: inlet,
      prober: new SimulatedProber({
        ...{ site, life, around },
        lies: () => this.lies,
        onOutcome: (endpoint, isSuccess) => {
          stage.invariants.probed(name, endpoint.key)
          stage.baselines.hear(name, endpoint, isSuccess)
        },
      }),
      paths: without(stage.without, { paths: new SimulatedPaths({ site, life, around }), life }),
    })
    this.#outlet = outlet
    this.#inlet = inlet
    void checker.start()
    stage.queue.promised()
  }

  protected ended(): void {
    this.#outlet = null
    this.#inlet = null
    this.stage.baselines.forget(this.name)
  }
}

/** Without looks a target is tried once a round, which is once a second. */
function without(
  ablation: Ablation | null,
  { paths, life }: { readonly paths: PathProber; readonly life: Life },
): PathProber {
  if (ablation === 'fence') return { reach: () => Promise.resolve('reached') }
  if (ablation === null) return paths
  const triedAtMs = new Map<string, number>()
  return {
    reach: (target, timeoutMs, signal) => {
      const [key, nowMs] = [`${target.address} ${target.port}`, life.monotonicMs()]
      if (nowMs - (triedAtMs.get(key) ?? -Infinity) < ALMOST_A_ROUND_MS) return Promise.resolve('untried')
      triedAtMs.set(key, nowMs)
      return paths.reach(target, timeoutMs, signal)
    },
  }
}
