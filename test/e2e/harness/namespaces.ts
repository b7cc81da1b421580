/**
 * A network of its own for each part of a cluster: namespaces on one bridge, so that the link between any two can be cut. The
 * process that makes them has an address on the bridge too, and reaches everybody. Needs root and iproute2.
 * What must stay true: a cut link is silent, as a broken cable is: nothing is refused, connections that stand are not ended.
 */
import { execFileSync } from 'node:child_process'
import type { Ground, Place } from './ground.ts'

/** Nobody has it: frames to it vanish on the bridge. */
const NOBODY = '02:00:00:00:00:99'
const PORTS_FROM = 7_000

export class Namespaces implements Ground {
  readonly #id = process.pid
  readonly #bridge = `flb${this.#id}`
  /** A network of its own for each process that makes some: 10.128 to 10.227. */
  readonly #network = `10.${128 + (this.#id % 100)}`
  readonly #places = new Map<string, Place & { readonly namespace: string }>()
  #port = PORTS_FROM

  constructor() {
    ip('link', 'add', this.#bridge, 'type', 'bridge')
    ip('address', 'add', `${this.#network}.0.1/16`, 'dev', this.#bridge)
    ip('link', 'set', this.#bridge, 'up')
  }

  place(name: string): Place & { readonly namespace: string } {
    const known = this.#places.get(name)
    if (known !== undefined) return known
    const number = this.#places.size + 1
    const namespace = `fl${this.#id}-${number}`
    const outside = `fl${this.#id}.${number}`
    const address = `${this.#network}.1.${number}`
    ip('netns', 'add', namespace)
    ip('link', 'add', outside, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', namespace)
    ip('link', 'set', outside, 'master', this.#bridge, 'up')
    ip('-n', namespace, 'address', 'add', `${address}/16`, 'dev', 'eth0')
    for (const link of ['lo', 'eth0']) ip('-n', namespace, 'link', 'set', link, 'up')
    const place = {
      ...{ namespace, address, prefix: ['ip', 'netns', 'exec', namespace] },
      port: () => Promise.resolve((this.#port += 1)),
    }
    this.#places.set(name, place)
    return place
  }

  /** No packet passes between the two any more, in either direction. */
  cut(one: string, other: string): void {
    this.#each(one, other, (namespace, address) => {
      ip(
        ...['-n', namespace, 'neighbour', 'replace', address, 'lladdr', NOBODY],
        'dev',
        'eth0',
        'nud',
        'permanent',
      )
    })
  }

  mend(one: string, other: string): void {
    this.#each(one, other, (namespace, address) => {
      ip('-n', namespace, 'neighbour', 'delete', address, 'dev', 'eth0')
    })
  }

  clear(): void {
    for (const { namespace } of this.#places.values()) ip('netns', 'delete', namespace)
    ip('link', 'delete', this.#bridge)
    this.#places.clear()
  }

  #each(one: string, other: string, act: (namespace: string, address: string) => void): void {
    const [here, there] = [this.place(one), this.place(other)]
    act(here.namespace, there.address)
    act(there.namespace, here.address)
  }
}

function ip(...args: readonly string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] })
}
