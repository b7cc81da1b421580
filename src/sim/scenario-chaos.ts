/**
 * Everything at once: at any time at most K - q sites are cut off, lossy, stopped, killed, without power, or lie; nameservers
 * are killed, stopped, or find their disks full; endpoints die and come back.
 */
import { ANYWHERE } from './network.ts'
import { WARM_MS, type Scenario } from './scenario.ts'
import type { SimulatedChecker } from './simulated-checker.ts'
import type { SimulatedNameserver } from './simulated-nameserver.ts'
import type { World } from './world.ts'

const ROUNDS = 6
const ROUND_MS = 40_000
/** Long enough for a checker to start, to leave its fence, and to know every endpoint. */
const RECOVERY_MS = 20_000

type Fault = (world: World, checker: SimulatedChecker, forMs: number) => void

const FAULTS: Readonly<Record<string, Fault>> = {
  kill: (_world, checker, forMs) => {
    checker.restart(forMs)
  },
  power: (world, checker, forMs) => {
    checker.losePower()
    world.after(forMs, () => {
      checker.start()
    })
  },
  stop: (_world, checker, forMs) => {
    checker.pause(forMs)
  },
  loss: (world, { site }, forMs) => {
    world.network.lose(site, world.random.between(0.1, 0.9))
    world.after(forMs, () => {
      world.network.lose(site, 0)
    })
  },
  cut: (world, { site }, forMs) => {
    const planes = world.random.pick([['probe'], ['frame'], ['probe', 'frame']] as const)
    world.network.isolate(site, planes)
    world.after(forMs, () => {
      world.network.rejoin(site, planes)
    })
  },
  oneWay: (world, { site }, forMs) => {
    const [from, to] = world.random.pick([
      [site, ANYWHERE],
      [ANYWHERE, site],
    ] as const)
    world.network.cut(from, to)
    world.after(forMs, () => {
      world.network.mend(from, to)
    })
  },
  lie: (world, checker, forMs) => {
    checker.lies = true
    world.after(forMs, () => {
      checker.lies = false
    })
  },
}

const NAMESERVER_FAULTS: Readonly<Record<string, (world: World, nameserver: SimulatedNameserver) => void>> = {
  kill: ({ random }, nameserver) => {
    nameserver.restart(random.between(500, 5_000))
  },
  stop: ({ random }, nameserver) => {
    nameserver.pause(random.between(500, 15_000))
  },
  fullDisk: ({ random }, nameserver) => {
    nameserver.fillDisk(random.between(500, 15_000))
  },
}

export const CHAOS: Scenario = {
  name: 'chaos',
  about:
    'at most two of five sites cut off, lossy, stopped, killed, without power or lying; nameservers killed, stopped or without room to write; endpoints die and come back',
  shape: { sites: 5, nameservers: 3, endpoints: 12 },
  ...{ durationMs: WARM_MS + ROUNDS * ROUND_MS + 40_000, impairedSites: 2, onlyLossFromMs: Infinity },
  plan: (world) => {
    world.network.keepsOrder = false
    for (let round = 0; round < ROUNDS; round += 1) {
      const fromMs = WARM_MS + round * ROUND_MS
      for (const checker of world.random.sample(world.checkers, 2)) {
        const fault = world.random.pick(Object.values(FAULTS))
        const lastsMs = world.random.between(1_000, ROUND_MS - RECOVERY_MS)
        world.at(fromMs + world.random.between(0, ROUND_MS - RECOVERY_MS - lastsMs), () => {
          fault(world, checker, lastsMs)
        })
      }
      const nameserver = world.random.pick(world.nameservers)
      world.at(fromMs + world.random.between(0, 10_000), () => {
        world.random.pick(Object.values(NAMESERVER_FAULTS))(world, nameserver)
      })
    }
    for (const endpoint of world.random.sample(world.endpoints, 6)) {
      const diesAtMs = world.random.between(WARM_MS, WARM_MS + (ROUNDS - 1) * ROUND_MS)
      world.at(diesAtMs, () => {
        world.die(endpoint, world.random.pick(['silent', 'refusing']))
      })
      world.at(diesAtMs + world.random.between(20_000, 60_000), () => {
        endpoint.become('alive')
      })
    }
  },
}
