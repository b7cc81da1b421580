/**
 * Builds a lab and starts everything in it. What must stay true: what was begun is removed when the rest fails, and there is somebody
 * to remove it should this process die.
 */
import { chmodSync, mkdirSync } from 'node:fs'
import { CertificateAuthority } from '../../src/adapters/probes/testing/certificates.ts'
import { QueryLoad } from '../load/query-load.ts'
import { HOST, hostAddress, SITE_NAMES } from '../network/addresses.ts'
import { labId } from '../network/lab-id.ts'
import { Network } from '../network/network.ts'
import { startReaper } from '../network/start-reaper.ts'
import { removeLab, removeStaleLabs } from '../network/remove-labs.ts'
import { buildSites, DNS_PORT } from './build-sites.ts'
import { Database } from './database.ts'
import { Endpoint } from './endpoint.ts'
import { CANARIES, LAB_NAME, labDocument, type Pace } from './lab-document.ts'
import { servicesOf } from './lab-site.ts'
import { World, type WorldParts } from './world.ts'

export interface WorldOptions {
  readonly sites: number
  readonly pace: Pace
  readonly endpointsPerSite: number
  /** Of the clients, to each nameserver. */
  readonly questionsPerSec: number
  /** One way, on each link of a site. */
  readonly delayMs: number
  readonly isBrief: boolean
}

const POSTGRES_PORT = 5_432
const START_WITHIN_MS = 90_000

/** Resolves once every nameserver answers with everything. */
export async function startWorld(options: WorldOptions, say: (line: string) => void): Promise<World> {
  for (const stale of await removeStaleLabs()) say(`removed what the lab ${stale} had left`)
  const id = labId.own()
  const folder = labId.folder(id)
  mkdirSync(folder)
  // PostgreSQL runs as a user of its own, below it.
  chmodSync(folder, 0o711)
  const reaper = startReaper(id)
  try {
    const world = await build(options, { id, reaper, folder })
    await begin(world, say)
    return world
  } catch (error) {
    await removeLab(id)
    reaper.stdin?.end()
    throw error
  }
}

async function build(options: WorldOptions, owned: WorldParts['owned']): Promise<World> {
  const { id, folder } = owned
  const names = SITE_NAMES.slice(0, options.sites)
  const network = new Network({ id, sites: names })
  await network.delay(options.delayMs)
  const authority = new CertificateAuthority(folder)
  const database = await startDatabase(folder, network, authority)
  const sites = buildSites({
    ...{ folder, network, sites: names, authority, endpointsPerSite: options.endpointsPerSite },
    store: await database.url(),
  })
  const load = new QueryLoad({
    ...{ prefix: network.prefix('clients'), name: LAB_NAME, questionsPerSec: options.questionsPerSec },
    nameservers: sites.map(({ nameserver }, index) => ({
      ...{ nameserver: nameserver.name, port: DNS_PORT },
      ...hostAddress(index + 1, HOST.nameserver),
    })),
  })
  return new World({
    pace: options.pace,
    isBrief: options.isBrief,
    network,
    database,
    sites,
    load,
    authority,
    owned,
  })
}

/** At the first site; a standby may come to the second one. */
function startDatabase(folder: string, network: Network, authority: CertificateAuthority): Promise<Database> {
  const addresses = [1, 2].map((number) => hostAddress(number, HOST.database))
  const issued = authority.issue(
    'database',
    addresses.map(({ v4 }) => `IP:${v4}`),
  )
  const placeAt = (index: 0 | 1) => {
    const [site, address] = [SITE_NAMES[index], hostAddress(index + 1, HOST.database)]
    network.addAddress(site, address)
    return {
      ...{ address: address.v4, port: POSTGRES_PORT, prefix: network.prefix(site), parent: folder },
      tls: { ...issued, caFile: authority.caFile },
    }
  }
  return Database.start([placeAt(0), placeAt(1)])
}

async function begin(world: World, say: (line: string) => void): Promise<void> {
  await Promise.all([startCanaries(world.network), ...world.endpoints.map((endpoint) => endpoint.start())])
  await Promise.all(world.controls.map((control) => control.start()))
  say('controls run')
  const nodes = world.sites.flatMap(servicesOf).filter(({ command }) => command !== 'control')
  const started = Promise.all(nodes.map((node) => node.start()))
  await world.apply(labDocument(world))
  await started
  say('checkers and nameservers run')
  if (!(await world.settle(START_WITHIN_MS)))
    throw new Error('not every nameserver answers with all endpoints')
  say('every nameserver answers')
  world.disturbed()
}

/** Hosts of others, which checkers know their own network by. */
async function startCanaries(network: Network): Promise<void> {
  for (const address of CANARIES) network.addAddress('internet', address)
  const [address] = CANARIES
  const addresses = CANARIES.flatMap(({ v4, v6 }) => [v4, v6])
  if (address === undefined) return
  await new Endpoint(
    { name: 'canaries', site: 'internet', address },
    network.prefix('internet'),
    addresses,
  ).start()
}
