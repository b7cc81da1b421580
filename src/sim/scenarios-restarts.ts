/** Processes, machines, clocks and the store are lost, and come back. */
import { WARM_MS, type Scenario } from './scenario.ts'
import { siteName } from './shape.ts'

const FIVE = { sites: 5, nameservers: 3, endpoints: 12 }
const HOUR_MS = 3_600_000
/** Registers could go down before the first look at the network has ended. */
const QUICK = { intervalMs: 500, fastIntervalMs: 200, timeoutMs: 400 }

export const RESTARTS: readonly Scenario[] = [
  {
    name: 'restart-all',
    about: 'every process is killed at once, or the power fails everywhere; all start without control',
    ...{ shape: FIVE, durationMs: 75_000, impairedSites: 5, onlyLossFromMs: WARM_MS },
    plan: (world) => {
      world.at(WARM_MS, () => {
        world.control.lose()
      })
      world.at(WARM_MS + 5_000, () => {
        const hasPower = world.random.chance(0.5)
        for (const node of [...world.checkers, ...world.nameservers]) {
          if (!hasPower) node.losePower()
          node.restart(world.random.between(500, 6_000))
        }
      })
      world.at(50_000, () => {
        world.control.restore()
      })
    },
  },
  ...[1, 2].map((fall): Scenario => ({
    name: `restart-into-outage-fall-${fall}`,
    about: `every checker is restarted while nothing is reached by probes; frames have another way; fall ${fall}`,
    shape: { sites: 3, nameservers: 3, endpoints: 12, times: { ...QUICK, fall } },
    ...{ durationMs: 75_000, impairedSites: 3, onlyLossFromMs: WARM_MS },
    plan: (world) => {
      world.at(WARM_MS + 5_000, () => {
        for (const checker of world.checkers) {
          world.network.isolate(checker.site, ['probe'])
          checker.restart(world.random.between(500, 600))
        }
      })
      world.at(WARM_MS + 25_000, () => {
        for (const { site } of world.checkers) world.network.rejoin(site, ['probe'])
      })
    },
  })),
  {
    name: 'cold-start-amid-outage',
    about:
      'four of twelve endpoints are dead when every nameserver loses its files, or its verdicts alone, and starts again',
    ...{ shape: FIVE, durationMs: 110_000, impairedSites: 0, onlyLossFromMs: Infinity },
    plan: (world) => {
      const dying = world.random.sample(world.endpoints, 4)
      for (const endpoint of dying)
        world.at(world.random.between(WARM_MS, WARM_MS + 5_000), () => {
          world.die(endpoint, world.random.pick(['silent', 'refusing']), { healthy: 5, settles: false })
        })
      world.at(50_000, () => {
        for (const nameserver of world.nameservers) {
          nameserver.loseDisk(world.random.pick(['everything', 'verdicts']))
          nameserver.restart(world.random.between(500, 6_000))
        }
      })
      world.at(80_000, () => {
        for (const endpoint of dying) endpoint.become('alive')
      })
    },
  },
  {
    name: 'rolling-restart',
    about: 'one process after the other is ended and started again, as in an upgrade',
    ...{ shape: FIVE, durationMs: 95_000, impairedSites: 1, onlyLossFromMs: WARM_MS },
    plan: (world) => {
      for (const [turn, node] of [...world.checkers, ...world.nameservers].entries())
        world.at(WARM_MS + turn * 7_000, () => {
          node.upgrade(world.random.between(500, 3_000))
        })
    },
  },
  {
    name: 'data-centre-lost',
    about:
      'a site is lost with its checker, its nameserver and four of twelve endpoints, and comes back after 40 s',
    shape: { ...FIVE, endpointsAtFirstSite: 4 },
    ...{ durationMs: 120_000, impairedSites: 1, onlyLossFromMs: Infinity },
    plan: (world) => {
      const site = siteName(0)
      const [lost, others] = [0, 1].map((kind) =>
        world.nameservers.filter((node) => (node.site === site) === (kind === 0)),
      )
      const inside = world.endpoints.filter(({ place }) => place === site)
      const nodes = [...world.checkers.filter((node) => node.site === site), ...(lost ?? [])]
      world.at(world.random.between(WARM_MS, WARM_MS + 5_000), () => {
        world.network.isolate(site)
        for (const node of nodes) node.losePower()
        for (const endpoint of inside)
          world.die(endpoint, 'silent', { healthy: 4, settles: false, ...(others && { readers: others }) })
      })
      world.at(60_000, () => {
        world.network.rejoin(site)
        for (const endpoint of inside) endpoint.become('alive')
        for (const node of nodes) node.start()
      })
    },
  },
  {
    name: 'clock-steps',
    about: 'wall clocks step by an hour, back and forth, with restarts between; an endpoint dies',
    ...{ shape: FIVE, durationMs: 100_000, impairedSites: 1, onlyLossFromMs: Infinity },
    plan: (world) => {
      const nodes = [...world.checkers, ...world.nameservers]
      for (let step = 0; step < 12; step += 1) {
        const node = world.random.pick(nodes)
        const byMs = world.random.pick([-HOUR_MS, HOUR_MS])
        world.at(WARM_MS + step * 4_000, () => {
          if (world.wallShiftMs === 0) node.host.stepWall(byMs)
        })
      }
      world.at(35_000, () => {
        world.random.pick(world.checkers).restart(1_000)
      })
      const dying = world.random.pick(world.endpoints)
      world.at(world.random.between(60_000, 65_000), () => {
        world.die(dying, 'silent', { healthy: 5, settles: false })
      })
    },
  },
  {
    name: 'store-lost-hour',
    about:
      'controls and store are gone for an hour; endpoints die and come back, a checker and a nameserver are restarted',
    shape: { sites: 3, nameservers: 2, endpoints: 3 },
    ...{ durationMs: HOUR_MS + 60_000, impairedSites: 0, onlyLossFromMs: Infinity },
    plan: (world) => {
      const [first, second] = world.endpoints
      world.at(WARM_MS, () => {
        world.control.lose()
      })
      for (const [atMs, endpoint] of [
        [120_000, first],
        [HOUR_MS / 2, second],
      ] as const)
        world.at(atMs + world.random.between(0, 5_000), () => {
          if (endpoint === undefined) return
          world.die(endpoint, 'silent', { healthy: 3, settles: false })
          world.after(60_000, () => {
            endpoint.become('alive')
          })
        })
      world.at(600_000, () => {
        world.checkers[0]?.restart(2_000)
      })
      world.at(900_000, () => {
        world.nameservers[1]?.restart(2_000)
      })
      world.at(WARM_MS + HOUR_MS, () => {
        world.control.restore()
      })
    },
  },
]
