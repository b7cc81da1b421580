/** Who sends nonsense to every port of a lab: strangers among the clients, one beside each API, and one with a certificate. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { MalformedPlace } from '../load/malformed.ts'
import { HOST, hostAddress } from '../network/addresses.ts'
import { API_PORT, DNS_PORT, NODES_PORT } from './build-sites.ts'
import { FRAMES_PORT } from './lab-document.ts'
import type { World } from './world.ts'

const SENDER = join(import.meta.dirname, '../load/malformed.ts')

/** Rejects where a port was not reached, which is none of those that the lab has. */
export async function sendMalformed(world: World, forMs: number): Promise<void> {
  const stranger = { certificate: null }
  const known = (name: string) => ({ certificate: join(world.authority.folder, name) })
  const places = world.sites.flatMap(({ checker, nameserver, control }, index): MalformedPlace[] => {
    const at = (host: number, port: number) => {
      const { v4, v6 } = hostAddress(index + 1, host)
      return { v4: { host: v4, port }, v6: { host: v6, port } }
    }
    const [dns, frames] = [at(HOST.nameserver, DNS_PORT), at(HOST.checker, FRAMES_PORT).v4]
    // The first control listens by IPv4, the second one by IPv6.
    const nodes = at(HOST.control, NODES_PORT)[index === 0 ? 'v4' : 'v6']
    return [
      ...[dns.v4, dns.v6, frames].map((place) => ({ ...place, ...stranger })),
      { ...frames, ...known(nameserver.name) },
      ...(control === null
        ? []
        : [
            { ...nodes, ...stranger },
            { ...nodes, ...known(checker.name) },
          ]),
    ]
  })
  const api = { host: '127.0.0.1', port: API_PORT, ...stranger }
  await Promise.all([
    send(world.network.prefix('clients'), forMs, places),
    ...world.sites
      .filter(({ control }) => control !== null)
      .map(({ name }) => send(world.network.prefix(name), forMs, [api])),
  ])
}

async function send(
  prefix: readonly string[],
  forMs: number,
  places: readonly MalformedPlace[],
): Promise<void> {
  const sender = [process.execPath, SENDER, String(forMs), ...places.map((place) => JSON.stringify(place))]
  const [program = '', ...words] = [...prefix, ...sender]
  const child = spawn(program, words, { stdio: ['ignore', 'ignore', 'pipe'] })
  const [[code], said] = (await Promise.all([once(child, 'exit'), text(child.stderr)])) as [[number], string]
  if (code !== 0) throw new Error(`the sender ended with ${code}: ${said}`)
}
