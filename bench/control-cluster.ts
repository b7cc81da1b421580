/** Controls over one store that already holds the world of the bench, with nodes and a nameserver: each a process of its own. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { CertificateAuthority } from '../src/adapters/probes/testing/certificates.ts'
import { freePort } from '../src/adapters/probes/testing/free-port.ts'
import { openStoreOf } from '../test/contract/open-store-of.ts'
import { ServiceProcess } from '../test/e2e/harness/service-process.ts'
import { Child } from './child.ts'
import { ControlApi } from './control-api.ts'
import type { NodesReply, NodesRequest } from './control-nodes.ts'
import { controlWorld } from './control-world.ts'

export interface BenchedControl {
  readonly process: ServiceProcess
  readonly api: ControlApi
  /** Where it serves nodes. */
  readonly nodesPort: number
}

/** As bin/fairlead starts them. */
const ENVIRONMENT = {
  NODE_OPTIONS: '--max-semi-space-size=16',
  MALLOC_MMAP_THRESHOLD_: '131072',
  MALLOC_TRIM_THRESHOLD_: '131072',
}

export class ControlCluster implements AsyncDisposable {
  readonly controls: readonly BenchedControl[]
  readonly #stack: AsyncDisposableStack
  readonly #authority: CertificateAuthority
  readonly #folder: string

  private constructor(parts: {
    readonly controls: readonly BenchedControl[]
    readonly stack: AsyncDisposableStack
    readonly authority: CertificateAuthority
    readonly folder: string
  }) {
    this.controls = parts.controls
    this.#stack = parts.stack
    this.#authority = parts.authority
    this.#folder = parts.folder
  }

  /** `store`: a URL, or the name of a file in a folder of the bench's own. */
  static async start(store: string, count: number): Promise<ControlCluster> {
    await using stack = new AsyncDisposableStack()
    const folder = newFolder()
    stack.defer(() => {
      rmSync(folder, { recursive: true, force: true })
    })
    const authority = stack.use(new CertificateAuthority())
    authority.issue('node', ['URI:fairlead://checker/here/node'])
    const place = store.includes('://') ? store : join(folder, store)
    await fill(place)
    const controls: BenchedControl[] = []
    for (let index = 1; index <= count; index += 1) {
      const [name, nodesPort] = [`c${index}`, await freePort()]
      const settings = { store: place, api: '127.0.0.1:0', nodes: `127.0.0.1:${nodesPort}` }
      const about = { name, uri: `fairlead://control/${name}`, settings }
      const process = service('control', { ...about, folder, authority })
      stack.defer(async () => {
        await process.end()
      })
      await process.start()
      controls.push({ process, api: stack.use(new ControlApi(process.dataDir)), nodesPort })
    }
    return new ControlCluster({ controls, stack: stack.move(), authority, folder })
  }

  /** So many nodes, when each of them has its snapshot. */
  async nodes(control: BenchedControl, count: number): Promise<Child> {
    const words = [this.#authority.folder, String(control.nodesPort), String(count)]
    const child = this.#stack.use(new Child(join(import.meta.dirname, 'control-nodes.ts'), words))
    await child.ask<NodesReply>({ kind: 'connected' } satisfies NodesRequest)
    return child
  }

  /** A nameserver with a PowerDNS that has its configuration from this control only; its port. */
  async nameserver(control: BenchedControl): Promise<number> {
    const port = await freePort()
    const settings = {
      ...{ controls: [`127.0.0.1:${control.nodesPort}`] },
      ...{ dnsAddress: ['127.0.0.1'], dnsPort: port },
    }
    const about = { name: 'ns1', uri: 'fairlead://nameserver/here/ns1', settings }
    const process = service('nameserver', { ...about, folder: this.#folder, authority: this.#authority })
    this.#stack.defer(async () => {
      await process.end()
    })
    await process.start()
    return port
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync()
  }
}

/** Beside the project, not in /tmp, which may be memory and then measures no disk. */
function newFolder(): string {
  const parent = join(import.meta.dirname, '..', '.fairlead')
  mkdirSync(parent, { recursive: true })
  return mkdtempSync(join(parent, 'bench-control-'))
}

async function fill(place: string): Promise<void> {
  const store = await openStoreOf(place)
  try {
    const changes = controlWorld().map((resource) => ({ op: 'put', ...resource }) as const)
    const about = { id: 'bench-world', author: 'bench', from: 'bench', atMs: 0, message: '' }
    const outcome = await store.commit({ ...about, baseRevision: 0, changes })
    if (outcome.kind !== 'committed') throw new Error(`the configuration of the bench gave ${outcome.kind}`)
  } finally {
    await store.close()
  }
}

function service(
  command: ServiceProcess['command'],
  about: {
    readonly name: string
    readonly uri: string
    readonly settings: Record<string, unknown>
    readonly folder: string
    readonly authority: CertificateAuthority
  },
): ServiceProcess {
  const { name, folder, authority } = about
  const { certificateFile, keyFile } = authority.issue(name, [`URI:${about.uri}`])
  const tls = { certificateFile, keyFile, caFile: authority.caFile }
  const settings = { ...tls, ...about.settings }
  return new ServiceProcess(command, { folder, name, settings, environment: ENVIRONMENT })
}
