/**
 * Three sites and two controls on one store, each process in a network of its own, with real PowerDNS: every kind of process is
 * killed and stopped, every link cut, while endpoints die. Whatever is gone, the nameservers that are left follow the endpoints,
 * and no question, of those asked all the time, gets an empty answer or SERVFAIL while an endpoint lives.
 */
import { readdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { findServers } from '../../src/adapters/powerdns/running-servers.ts'
import { checkerName, Cluster, nameserverName, SITE_NAMES, type Part } from './harness/cluster.ts'
import { EndpointProcess } from './harness/endpoint-process.ts'
import { eventually } from './harness/eventually.ts'
import { Namespaces } from './harness/namespaces.ts'
import { QueryLoad, type LoadCounts } from './harness/query-load.ts'

const NAME = 'www.cluster.test'
const CANARIES = ['canary1', 'canary2', 'canary3']
const ENDPOINTS = 4
const CHECKERS = SITE_NAMES.map(checkerName)
const NAMESERVERS = SITE_NAMES.map(nameserverName)
const CONTROLS = ['c1', 'c2']

let ground: Namespaces
let cluster: Cluster
let load: QueryLoad
const canaries: EndpointProcess[] = []
let turn = 0

beforeAll(async () => {
  ground = new Namespaces()
  for (const name of CANARIES) {
    const { address, prefix, port } = ground.place(name)
    const canary = new EndpointProcess(address, await port(), prefix)
    canaries.push(canary)
    await canary.start()
  }
  const list = canaries.map(({ address, port }) => `{ address: ${address}, port: ${port} }`)
  cluster = new Cluster({ ground, siteLines: `, canaries: [${list.join(', ')}]` })
  await cluster.start({ controls: CONTROLS.length, endpoints: ENDPOINTS })
  await cluster.apply(cluster.document().replace('rise: 2', 'rise: 1'))
  await cluster.answers(cluster.endpoints)
  load = new QueryLoad(
    Object.fromEntries(
      cluster.nameservers.map(({ process, address, port }) => [process.name, { address, port }]),
    ),
    NAME,
  )
})

afterAll(async () => {
  await load.end()
  for (const canary of canaries) await canary.kill()
  await cluster.stop()
})

afterEach(() => {
  for (const [server, { empty, servfail }] of Object.entries(load.take()))
    expect({ server, empty, servfail }).toEqual({ server, empty: 0, servfail: 0 })
})

function part(name: string): Part {
  const found = [...cluster.checkers, ...cluster.nameservers].find(({ process }) => process.name === name)
  if (found === undefined) throw new Error(`no part ${name}`)
  return found
}

function powerdnsOf(nameserver: string): number[] {
  const root = join(part(nameserver).process.dataDir, 'powerdns', 'conf')
  return findServers(root).map(({ pid }) => pid)
}

interface Fault {
  begin(): Promise<void> | void
  end(): Promise<void> | void
}

/** While the fault lasts an endpoint dies and comes back, and these nameservers say so; afterwards all do. */
async function outlive(fault: Fault, seeing = NAMESERVERS): Promise<void> {
  const readers = seeing.map(part)
  const dying = cluster.endpoints[turn++ % ENDPOINTS]
  if (dying === undefined) throw new Error('no endpoint')
  const others = cluster.endpoints.filter((endpoint) => endpoint !== dying)
  await fault.begin()
  await dying.kill()
  await cluster.answers(others, readers)
  await dying.start()
  await cluster.answers(cluster.endpoints, readers)
  await fault.end()
  await cluster.answers(cluster.endpoints)
}

const without = (names: readonly string[], name: string) => names.filter((one) => one !== name)

/** Of these pairs. */
function cut(...pairs: readonly (readonly [string, string])[]): Fault {
  return {
    begin: () => {
      for (const [one, other] of pairs) ground.cut(one, other)
    },
    end: () => {
      for (const [one, other] of pairs) ground.mend(one, other)
    },
  }
}

describe('kill -9', () => {
  it('of a control', async () => {
    const [control] = cluster.controls
    await outlive({
      begin: async () => {
        await control?.end('SIGKILL')
      },
      end: async () => {
        await control?.start()
      },
    })
  })

  it('of a checker', async () => {
    const { process } = part('ams-1')
    await outlive({
      begin: async () => {
        await process.end('SIGKILL')
      },
      end: async () => {
        await process.start()
      },
    })
  })

  it('of a nameserver: its PowerDNS answers on', async () => {
    const { process } = part('ns-fra')
    await outlive(
      {
        begin: async () => {
          await process.end('SIGKILL')
        },
        end: async () => {
          expect(load.take()['ns-fra']).toMatchObject({ silent: 0 })
          await process.start()
        },
      },
      without(NAMESERVERS, 'ns-fra'),
    )
  })

  it('of PowerDNS: its nameserver starts it again', async () => {
    const [before] = powerdnsOf('ns-lon')
    await outlive({
      begin: () => {
        process.kill(before ?? 0, 'SIGKILL')
      },
      end: () => {
        expect(powerdnsOf('ns-lon')).toEqual([expect.any(Number)])
        expect(powerdnsOf('ns-lon')).not.toEqual([before])
      },
    })
  })
})

describe('SIGSTOP', () => {
  it('of a control', async () => {
    const [, control] = cluster.controls
    await outlive({ begin: () => control?.signal('SIGSTOP'), end: () => control?.signal('SIGCONT') })
  })

  it('of a checker', async () => {
    const { process } = part('fra-1')
    await outlive({
      begin: () => {
        process.signal('SIGSTOP')
      },
      end: () => {
        process.signal('SIGCONT')
      },
    })
  })

  it('of a nameserver: its PowerDNS answers on', async () => {
    const { process } = part('ns-lon')
    await outlive(
      {
        begin: () => {
          process.signal('SIGSTOP')
        },
        end: () => {
          expect(load.take()['ns-lon']).toMatchObject({ silent: 0 })
          process.signal('SIGCONT')
        },
      },
      without(NAMESERVERS, 'ns-lon'),
    )
  })

  it('of PowerDNS: its nameserver replaces it, or it goes on', async () => {
    const stopped = powerdnsOf('ns-ams')
    await outlive(
      {
        begin: () => {
          for (const pid of stopped) process.kill(pid, 'SIGSTOP')
        },
        end: () => {
          for (const pid of powerdnsOf('ns-ams')) process.kill(pid, 'SIGCONT')
        },
      },
      without(NAMESERVERS, 'ns-ams'),
    )
  })
})

describe('a link cut', () => {
  it.each([0, 1, 2])('between each checker and one nameserver, turned by %i', async (by) => {
    await outlive(
      cut(...CHECKERS.map((checker, index) => [checker, NAMESERVERS[(index + by) % 3] ?? ''] as const)),
    )
  })

  it.each([
    ['ams-1', 'fra-1'],
    ['fra-1', 'lon-1'],
    ['lon-1', 'ams-1'],
  ])('between the checkers %s and %s', async (one, other) => {
    await outlive(cut([one, other]))
  })

  it.each(CONTROLS)('between the control %s and every node', async (control) => {
    await outlive(cut(...[...CHECKERS, ...NAMESERVERS].map((node) => [control, node] as const)))
  })

  it('between a site and everything else: its nameserver holds what it has, the others go on', async () => {
    const others = [...CHECKERS, ...NAMESERVERS, ...CONTROLS].filter(
      (name) => !['ams-1', 'ns-ams'].includes(name),
    )
    const pairs = ['ams-1', 'ns-ams'].flatMap((inside) => others.map((outside) => [inside, outside] as const))
    await outlive(cut(...pairs), without(NAMESERVERS, 'ns-ams'))
  })

  it.each(CHECKERS)(
    'between the checker %s and the endpoints: it fences itself, and no answer changes',
    async (checker) => {
      const control = cluster.controls[0]
      if (control === undefined) throw new Error('no control')
      const fenceOf = async (): Promise<unknown> => {
        const { stdout } = await cluster.cli(control, 'get', 'checkers', '--json')
        const checkers = JSON.parse(stdout) as { checker: string; fenceReason: string | null }[]
        return checkers.find((one) => one.checker === checker)?.fenceReason
      }
      const names = [...CANARIES, ...cluster.endpoints.map((_, index) => `e${index + 1}`)]
      const fault = cut(...names.map((name) => [checker, name] as const))
      load.take()
      await fault.begin()
      await eventually(async () => {
        expect(await fenceOf()).toMatch(/reaches 0 of 3 canaries/)
      })
      await fault.end()
      await eventually(
        async () => {
          expect(await fenceOf()).toBeNull()
        },
        { withinMs: 60_000 },
      )
      for (const [server, counts] of Object.entries(load.take()))
        expect({ server, ...counts }).toMatchObject({ least: ENDPOINTS, empty: 0, servfail: 0, silent: 0 })
    },
  )
})

describe('without control and store', () => {
  const moveStore = (from: string, to: string) => {
    for (const name of readdirSync(cluster.folder).filter((one) => one.startsWith(`${from}store.sqlite`)))
      renameSync(join(cluster.folder, name), join(cluster.folder, `${to}${name.slice(from.length)}`))
  }

  it('the answers of all three nameservers follow the endpoints', async () => {
    await outlive({
      begin: async () => {
        for (const control of cluster.controls) await control.end('SIGKILL')
        moveStore('', 'gone-')
      },
      end: () => undefined,
    })
  })

  it('all processes are killed at once and started: they answer from disk, and nothing is withdrawn', async () => {
    const services = [...cluster.checkers, ...cluster.nameservers].map(({ process }) => process)
    const servers = NAMESERVERS.flatMap(powerdnsOf)
    load.take()
    await Promise.all(services.map((service) => service.end('SIGKILL')))
    for (const pid of servers) process.kill(pid, 'SIGKILL')
    await Promise.all(services.map((service) => service.start()))
    await cluster.answers(cluster.endpoints)
    const counts = await eventually(() => {
      const seen: Readonly<Record<string, LoadCounts>> = load.take()
      expect(Object.keys(seen).sort()).toEqual(NAMESERVERS.toSorted())
      return seen
    })
    for (const [server, { least, empty, servfail }] of Object.entries(counts))
      expect({ server, least, empty, servfail }).toEqual({ server, least: ENDPOINTS, empty: 0, servfail: 0 })
    await outlive({ begin: () => undefined, end: () => undefined })
  })

  it('when they are back everything goes on with them', async () => {
    moveStore('gone-', '')
    await outlive({
      begin: () => undefined,
      end: async () => {
        for (const control of cluster.controls) await control.start()
        await cluster.apply(cluster.document({ ttlSec: 9 }))
      },
    })
  })
})
