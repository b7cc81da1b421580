/**
 * The endpoint that dies, in a network namespace of our own. Black-holed, nothing that is sent to its address arrives and nothing
 * from it, whatever protocol; who connects hears nothing, as with a host that lost its power. nftables drops at the input hook: a
 * packet dropped on its way out would be an error to its sender.
 */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { EndpointProcess } from '../test/e2e/harness/endpoint-process.ts'
import type { DeathKind } from './failover-sample.ts'

const run = promisify(execFile)
const TABLE = ['ip', 'failover']

export class MortalEndpoint {
  readonly #process: EndpointProcess
  #died: DeathKind | null = null

  constructor(address: string, port: number) {
    this.#process = new EndpointProcess(address, port)
  }

  async start(): Promise<void> {
    await nft('add', 'table', ...TABLE)
    await nft('add', 'chain', ...TABLE, 'input', '{ type filter hook input priority 0; }')
    await this.#process.start()
  }

  async die(kind: DeathKind): Promise<void> {
    this.#died = kind
    if (kind === 'killed') return this.#process.kill()
    const { address } = this.#process
    await nft(...['add', 'rule', ...TABLE, 'input', 'ip', 'daddr', address, 'drop', ';'], ...from(address))
  }

  async revive(): Promise<void> {
    if (this.#died === 'killed') await this.#process.start()
    else await nft('flush', 'chain', ...TABLE, 'input')
    this.#died = null
  }
}

function from(address: string): string[] {
  return ['add', 'rule', ...TABLE, 'input', 'ip', 'saddr', address, 'drop']
}

async function nft(...args: readonly string[]): Promise<void> {
  await run('nft', args)
}
