/** The dnsdist of docs/guides/cluster/native-mode.md, as it stands there but for addresses and ports. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { askDns } from '../../../src/adapters/dns-client/ask-dns.ts'
import { freePort } from '../../../src/adapters/probes/testing/free-port.ts'
import { eventually } from './eventually.ts'

const GUIDE = join(import.meta.dirname, '../../../docs/guides/cluster/native-mode.md')

export class StaleFront {
  readonly address = '127.0.0.1'
  readonly port: number
  readonly #child: ChildProcess

  private constructor(child: ChildProcess, port: number) {
    this.#child = child
    this.port = port
  }

  /** Before one server. */
  static async start(
    folder: string,
    backend: { readonly address: string; readonly port: number },
    zone = 'cluster.test',
  ): Promise<StaleFront> {
    const [, text = ''] = /^```lua file=dnsdist\.conf\n(.*?)^```$/ms.exec(readFileSync(GUIDE, 'utf8')) ?? []
    const port = await freePort()
    const file = join(folder, 'dnsdist.conf')
    const configuration = text
      .replace(/addLocal\("[^"]*"\)/, `addLocal("127.0.0.1:${port}")`)
      .replace(/address="[^"]*"/, `address="${backend.address}:${backend.port}"`)
      .replace(/checkName="[^"]*"/, `checkName="${zone}"`)
    expect(configuration).toContain(`"127.0.0.1:${port}"`)
    writeFileSync(file, configuration)
    const child = spawn('/usr/bin/dnsdist', ['--supervised', '-C', file], { stdio: 'ignore' })
    const front = new StaleFront(child, port)
    await eventually(async () => {
      const answer = await askDns(front, { name: zone, type: 'SOA' })
      expect(answer).toMatchObject({ kind: 'answer', rcode: 'NOERROR' })
    })
    return front
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null) return
    const exited = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await exited
  }
}
