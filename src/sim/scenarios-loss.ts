/** Parts of the cluster or of its network are lost, while every endpoint lives: no verdict may change. */
import { WARM_MS, type Scenario } from './scenario.ts'
import { siteName, withTypo } from './shape.ts'
import type { SimulatedChecker } from './simulated-checker.ts'
import type { World } from './world.ts'

const FIVE = { sites: 5, nameservers: 3, endpoints: 12 }
/** Registers go down before the fence can close. */
const QUICK = { intervalMs: 500, fastIntervalMs: 200, timeoutMs: 400 }
const ONLY_LOSS = { onlyLossFromMs: WARM_MS }

/** From WARM_MS on for so long. */
function meanwhile(
  world: World,
  forMs: number,
  { begin, end }: { begin: () => void; end: () => void },
): void {
  world.at(WARM_MS, begin)
  world.at(WARM_MS + forMs, end)
}

export const LOSSES: readonly Scenario[] = [
  {
    name: 'sick-checker',
    about: 'one site loses 60 % of its round trips',
    ...{ shape: FIVE, durationMs: 120_000, impairedSites: 1, ...ONLY_LOSS },
    plan: (world) => {
      const { site } = world.random.pick(world.checkers)
      const lose = (share: number) => () => {
        world.network.lose(site, share)
      }
      meanwhile(world, 75_000, { begin: lose(0.6), end: lose(0) })
    },
  },
  {
    name: 'three-lossy',
    about: 'three of five sites lose 30 % of their round trips',
    ...{ shape: FIVE, durationMs: 120_000, impairedSites: 3, ...ONLY_LOSS },
    plan: (world) => {
      const lossy = world.random.sample(world.checkers, 3)
      const lose = (share: number) => () => {
        for (const { site } of lossy) world.network.lose(site, share)
      }
      meanwhile(world, 75_000, { begin: lose(0.3), end: lose(0) })
    },
  },
  ...(['1s', '5s'] as const).map((pace): Scenario => ({
    name: `all-lossy-${pace}`,
    about: `all sites lose half of the round trips between them, suddenly; interval ${pace}`,
    shape: {
      ...{ sites: 3, nameservers: 3, endpoints: 12, endpointsAtSites: true },
      ...(pace === '1s' && { times: { intervalMs: 1_000, fastIntervalMs: 250, timeoutMs: 500 } }),
    },
    ...{ durationMs: 75_000, impairedSites: 3, onlyLossFromMs: Infinity },
    plan: (world) => {
      const lose = (share: number) => () => {
        for (const { site } of world.checkers) world.network.lose(site, share)
      }
      meanwhile(world, 30_000, { begin: lose(0.3), end: lose(0) })
    },
  })),
  {
    name: 'partition-and-heal',
    about: 'two sites and three sites do not hear each other for a minute; all reach the endpoints',
    ...{ shape: FIVE, durationMs: 115_000, impairedSites: 2, ...ONLY_LOSS },
    plan: (world) => {
      const sites = world.random.sample(world.checkers, 5).map(({ site }) => site)
      const each = (act: (from: string, to: string) => void) => () => {
        for (const one of sites.slice(0, 2))
          for (const other of sites.slice(2)) {
            act(one, other)
            act(other, one)
          }
      }
      const { network } = world
      meanwhile(world, 60_000, {
        begin: each((from, to) => {
          network.cut(from, to)
        }),
        end: each((from, to) => {
          network.mend(from, to)
        }),
      })
    },
  },
  {
    name: 'asymmetric-cut',
    about: 'packets from one site to two others vanish; the other direction works',
    ...{ shape: FIVE, durationMs: 115_000, impairedSites: 1, ...ONLY_LOSS },
    plan: (world) => {
      const [from, ...to] = world.random.sample(world.checkers, 3).map(({ site }) => site)
      const { network } = world
      if (from === undefined) return
      meanwhile(world, 60_000, {
        begin: () => {
          for (const one of to) network.cut(from, one)
        },
        end: () => {
          for (const one of to) network.mend(from, one)
        },
      })
    },
  },
  {
    name: 'provider-of-three',
    about:
      'three of five sites lose their provider, and with it endpoints, canaries and each other; frames may have another way',
    ...{ shape: FIVE, durationMs: 115_000, impairedSites: 3, ...ONLY_LOSS },
    plan: (world) => {
      const cut = world.random.sample(world.checkers, 3)
      const planes = world.random.chance(0.5) ? (['probe'] as const) : (['probe', 'frame'] as const)
      const { network } = world
      meanwhile(world, 60_000, {
        begin: () => {
          for (const { site } of cut) network.isolate(site, planes)
        },
        end: () => {
          for (const { site } of cut) network.rejoin(site, planes)
        },
      })
    },
  },
  {
    name: 'cuts-in-turn',
    about:
      'of three sites one after the other loses its provider; the next as soon as the fence of the last has ended',
    shape: { sites: 3, nameservers: 3, endpoints: 12, times: QUICK },
    ...{ durationMs: 180_000, impairedSites: 1, ...ONLY_LOSS },
    plan: (world) => {
      const { network, checkers } = world
      const waiting = [...checkers, ...checkers]
      let current: SimulatedChecker | undefined
      const cutNext = () => {
        current = waiting.shift()
        if (current === undefined) return
        const { site } = current
        network.isolate(site, ['probe'])
        world.after(5_000, () => {
          network.rejoin(site, ['probe'])
        })
      }
      world.onSaid((text) => {
        if (current !== undefined && text === `${current.name} open`) cutNext()
      })
      world.at(WARM_MS, cutNext)
    },
  },
  {
    name: 'edge-hears-two',
    about: 'a nameserver hears two of five checkers for 90 s',
    ...{ shape: FIVE, durationMs: 145_000, impairedSites: 0, ...ONLY_LOSS },
    plan: (world) => {
      const { network } = world
      const edge = siteName(0)
      const unheard = world.random.sample(world.checkers.slice(1), 3)
      meanwhile(world, 90_000, {
        begin: () => {
          for (const { site } of unheard) network.cut(site, edge, ['frame'])
        },
        end: () => {
          for (const { site } of unheard) network.mend(site, edge, ['frame'])
        },
      })
    },
  },
  {
    name: 'definition-typo',
    about: 'a revision changes the path of the monitor to one that nobody serves; after 45 s it is mended',
    ...{ shape: FIVE, durationMs: 105_000, impairedSites: 0, ...ONLY_LOSS },
    plan: (world) => {
      const commit = (hasTypo: boolean) => () => {
        world.commit(withTypo(hasTypo))
      }
      meanwhile(world, 45_000, { begin: commit(true), end: commit(false) })
    },
  },
]
