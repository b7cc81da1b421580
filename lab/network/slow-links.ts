/**
 * A second link between the backbone and each router, through a relay that holds every frame for a while: for kernels without netem.
 * Each end is a TAP device, which socat holds in a namespace with the relay; the device is moved to where it belongs. What must stay
 * true: the relay and all that hold a device run in a namespace of the lab, so that whoever removes the lab removes them, and with them
 * the devices; and none of them writes a line for a packet, since a lab that waits does not read, and a full pipe would stop them.
 */
import { spawn, spawnSync, type ChildProcess, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { slowDevice, slowLinkAddress, slowLinkMac } from './addresses.ts'
import { labId } from './lab-id.ts'
import { LOOPBACK, peerPort, relayPort } from './relay-ports.ts'
import { runTool } from './run-tool.ts'

const RELAY = join(import.meta.dirname, 'relay.ts')
const PLACE = 'relay'

export class SlowLinks {
  readonly #relay: ChildProcess

  private constructor(relay: ChildProcess) {
    this.#relay = relay
  }

  /** Why there can be none here; null if there can. */
  static missing(): string | null {
    if (!existsSync('/dev/net/tun')) return 'there is no /dev/net/tun'
    const { error } = spawnSync('socat', ['-V'], { stdio: 'ignore' })
    return error === undefined ? null : 'socat is not installed (bash scripts/setup.sh --for-tests)'
  }

  /** Nothing goes through them before a route says so. */
  static async start(id: string, sites: readonly string[]): Promise<SlowLinks> {
    const namespace = labId.namespace(id, PLACE)
    runTool('ip', ['netns', 'add', namespace])
    runTool('ip', ['-n', namespace, 'link', 'set', 'lo', 'up'])
    // It listens first, since what is sent to a port without a listener comes back to socat as an error, which ends it.
    const pairs = sites.map((_, index) => `${relayPort(index, 0)}:${relayPort(index, 1)}`)
    const relay = spawn('ip', ['netns', 'exec', namespace, process.execPath, RELAY, ...pairs], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    // Whoever removes the lab may end it before the last change of a delay.
    relay.stdin.on('error', () => undefined)
    await once(relay.stdout, 'data')
    await Promise.all(
      sites.flatMap((site, index) => [
        placeDevice(id, relayPort(index, 0), { index, part: 'backbone', name: slowDevice(site) }),
        placeDevice(id, relayPort(index, 1), { index, part: `${site}-router`, name: slowDevice('wan') }),
      ]),
    )
    return new SlowLinks(relay)
  }

  /**
   * One way, on the link of that site. Before the first nothing passes there: a frame for a device that is being moved would end the
   * program that holds it.
   */
  delay(index: number, delayMs: number): void {
    this.#relay.stdin?.write(`${index} ${delayMs}\n`)
  }
}

/** A device whose frames go to that port of the relay, and come from it. */
async function placeDevice(
  id: string,
  port: number,
  to: { readonly index: number; readonly part: string; readonly name: string },
): Promise<void> {
  const [here, there] = [labId.namespace(id, PLACE), labId.namespace(id, to.part)]
  const device = `tap${port}`
  const tap = `TUN,tun-type=tap,tun-name=${device},iff-no-pi,iff-up`
  // UDP4, not UDP4-DATAGRAM, with which it writes a line for every packet.
  const peer = `UDP4:${LOOPBACK}:${port},bind=${LOOPBACK}:${peerPort(port)}`
  const command = ['netns', 'exec', here, 'socat', '-dd', tap, peer]
  await beginsToCarry(spawn('ip', command, { stdio: ['ignore', 'ignore', 'pipe'] }))
  runTool('ip', ['-n', here, 'link', 'set', device, 'netns', there, 'name', to.name])
  const [end, other] =
    to.part === 'backbone' ? (['backbone', 'router'] as const) : (['router', 'backbone'] as const)
  const [mine, peers] = [slowLinkAddress(to.index + 1, end), slowLinkAddress(to.index + 1, other)]
  const known = `lladdr ${slowLinkMac(to.index + 1, other)} dev ${to.name}`
  const commands = [
    `link set ${to.name} address ${slowLinkMac(to.index + 1, end)} up`,
    `address add ${mine.v4}/24 dev ${to.name}`,
    `address add ${mine.v6}/64 dev ${to.name} nodad`,
    // Who is at the other end is found out at a new device in seconds, in which nothing passes.
    ...[peers.v4, peers.v6].map((address) => `neighbour replace ${address} ${known}`),
  ]
  runTool('ip', ['-n', there, '-batch', '-'], commands.join('\n'))
}

/** It names the device a last time shortly before that: one that is moved sooner is none to it. */
function beginsToCarry(socat: ChildProcessByStdio<null, null, Readable>): Promise<undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>()
  let said = ''
  socat.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString()
    if (said.includes('starting data transfer loop')) resolve(undefined)
  })
  socat.once('exit', () => {
    reject(new Error(`socat has ended: ${said}`))
  })
  return promise
}
