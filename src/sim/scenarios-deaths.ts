/** Endpoints die, in clusters that are well, or nearly. */
import { WARM_MS, type Scenario } from './scenario.ts'
import type { World } from './world.ts'

const FIVE = { sites: 5, nameservers: 3, endpoints: 12 }
const ALL_WELL = { impairedSites: 0, onlyLossFromMs: Infinity }

function someDie(how: 'refusing' | 'silent', healthy: number) {
  return (world: World) => {
    for (const endpoint of world.random.sample(world.endpoints, 4))
      world.at(world.random.between(WARM_MS, WARM_MS + 10_000), () => {
        world.die(endpoint, how, { healthy, settles: false })
        world.after(20_000, () => {
          endpoint.become('alive')
        })
      })
  }
}

export const DEATHS: readonly Scenario[] = [
  {
    name: 'black-hole-death',
    about: 'four of twelve endpoints fall silent, and come back after 20 s',
    ...{ shape: FIVE, durationMs: 75_000, ...ALL_WELL },
    plan: someDie('silent', 5),
  },
  {
    name: 'refused',
    about: 'four of twelve endpoints refuse connections, and come back after 20 s',
    ...{ shape: FIVE, durationMs: 75_000, ...ALL_WELL },
    plan: someDie('refusing', 5),
  },
  {
    name: 'sick-and-death',
    about: 'one site loses 60 % of its round trips, and meanwhile four endpoints fall silent',
    ...{ shape: FIVE, durationMs: 90_000, impairedSites: 1, onlyLossFromMs: Infinity },
    plan: (world) => {
      const sick = world.random.pick(world.checkers).site
      world.at(WARM_MS - 5_000, () => {
        world.network.lose(sick, 0.6)
      })
      world.at(60_000, () => {
        world.network.lose(sick, 0)
      })
      const readers = world.nameservers.filter(({ site }) => site !== sick)
      for (const endpoint of world.random.sample(world.endpoints, 4))
        world.at(world.random.between(WARM_MS, WARM_MS + 20_000), () => {
          world.die(endpoint, 'silent', { healthy: 4, settles: false, readers })
        })
    },
  },
  {
    name: 'flapping',
    about: 'two endpoints are dead for 8 s and alive for 8 s, in turn, for ten minutes',
    shape: { sites: 5, nameservers: 2, endpoints: 4 },
    ...{ durationMs: 640_000, ...ALL_WELL },
    plan: (world) => {
      for (const endpoint of world.endpoints.slice(0, 2)) {
        const fromMs = world.random.between(WARM_MS, WARM_MS + 8_000)
        for (let turn = 0; turn < 74; turn += 1)
          world.at(fromMs + turn * 8_000, () => {
            endpoint.become(turn % 2 === 0 ? 'silent' : 'alive')
          })
      }
    },
  },
  {
    name: 'gone-and-substitute',
    about: 'of seven sites one is lost for good; when it is gone and replaced, endpoints fall silent',
    shape: { sites: 7, nameservers: 3, endpoints: 12 },
    ...{ durationMs: 140_000, impairedSites: 1, onlyLossFromMs: Infinity },
    plan: (world) => {
      const lost = world.checkers.at(-1)
      if (lost === undefined) return
      world.at(WARM_MS, () => {
        lost.kill()
        world.network.isolate(lost.site)
      })
      for (const endpoint of world.random.sample(world.endpoints, 4))
        world.at(WARM_MS + 90_000 + world.random.between(0, 10_000), () => {
          world.die(endpoint, 'silent', { healthy: 5, settles: false })
        })
    },
  },
  {
    name: 'two-sites',
    about: 'two sites: an endpoint dies; then the sites do not hear each other, and everything holds',
    shape: { sites: 2, nameservers: 2, endpoints: 6 },
    ...{ durationMs: 110_000, ...ALL_WELL },
    plan: (world) => {
      const [dying] = world.random.sample(world.endpoints, 1)
      world.at(world.random.between(WARM_MS, WARM_MS + 5_000), () => {
        if (dying !== undefined) world.die(dying, 'silent', { healthy: 2, settles: false })
      })
      world.at(45_000, () => {
        world.network.isolate('s2')
      })
      world.at(80_000, () => {
        world.network.rejoin('s2')
      })
    },
  },
  {
    name: 'one-site',
    about: 'one site alone: endpoints fall silent and come back',
    shape: { sites: 1, nameservers: 1, endpoints: 12 },
    ...{ durationMs: 75_000, ...ALL_WELL },
    plan: someDie('silent', 1),
  },
  {
    name: 'most-die',
    about:
      'eleven of twelve endpoints fall silent: the withdrawal budget keeps two in the answers for a minute; a nameserver is restarted meanwhile',
    ...{ shape: FIVE, durationMs: WARM_MS + 90_000, ...ALL_WELL },
    plan: (world) => {
      for (const endpoint of world.random.sample(world.endpoints, 11))
        world.at(world.random.between(WARM_MS, WARM_MS + 5_000), () => {
          world.die(endpoint, 'silent', { healthy: 5, settles: false })
        })
      world.at(WARM_MS + 30_000, () => {
        world.random.pick(world.nameservers).restart(world.random.between(500, 3_000))
      })
    },
  },
  {
    name: 'thousand-die',
    about: 'a thousand endpoints fall silent in the same moment',
    shape: { sites: 5, nameservers: 2, endpoints: 1_000 },
    ...{ durationMs: WARM_MS + 20_000, ...ALL_WELL },
    plan: (world) => {
      world.at(WARM_MS + world.random.between(0, 5_000), () => {
        for (const endpoint of world.endpoints) world.die(endpoint, 'silent', { healthy: 5, settles: false })
      })
    },
  },
]
