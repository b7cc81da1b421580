/** A cluster that trusts by its own means: a control made by `fairlead init` with an authority of the test's, and who joins it. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SecureContextOptions } from 'node:tls'
import { expect } from 'vitest'
import { CertificateAuthority } from '../../../src/adapters/probes/testing/certificates.ts'
import { freePort } from '../../../src/adapters/probes/testing/free-port.ts'
import { auditEntrySchema } from '../../../src/core/views/audit.ts'
import { pageSchema } from '../../../src/core/views/page.ts'
import { eventually } from './eventually.ts'
import { runFairlead, type CommandResult } from './fairlead-process.ts'
import { ServiceProcess } from './service-process.ts'

export const HOST = '127.0.0.1'
/** Renewed when a quarter to a third of it is left. */
const LIFE = '40s'

export class TrustCluster {
  readonly authority = new CertificateAuthority()
  /** Of another cluster. */
  readonly stranger = new CertificateAuthority()
  readonly services: ServiceProcess[] = []
  readonly #folder = mkdtempSync(join(tmpdir(), 'fairlead-trust-'))
  #issued = 0
  nodesPort = 0

  async start({ certificateLife = LIFE } = {}): Promise<void> {
    this.nodesPort = await freePort()
    const { caFile, folder } = this.authority
    const own = ['--ca-certificate', caFile, '--ca-key', join(folder, 'ca.key')]
    const made = await this.run('init', '--name', 'c1', '--data-dir', this.dataDirOf('c1'), ...own)
    expect(made).toMatchObject({ code: 0, stdout: expect.stringContaining('made, fingerprint') as unknown })
    const settings = { api: `${HOST}:0`, nodes: `${HOST}:${this.nodesPort}`, certificateLife }
    await this.service('control', 'c1', settings).start()
  }

  async stop(): Promise<void> {
    for (const one of this.services) await one.end()
    for (const one of [this.authority, this.stranger]) one[Symbol.dispose]()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  dataDirOf(name: string): string {
    return join(this.#folder, name)
  }

  run(...args: readonly string[]): Promise<CommandResult> {
    return runFairlead(args, { dataDir: this.dataDirOf('c1') })
  }

  async apply(document: string): Promise<void> {
    const result = await runFairlead(['apply', '-f', '-'], { dataDir: this.dataDirOf('c1'), input: document })
    expect(result).toMatchObject({ code: 0 })
  }

  service(
    command: ServiceProcess['command'],
    name: string,
    settings: Record<string, unknown>,
  ): ServiceProcess {
    const made = new ServiceProcess(command, { folder: this.#folder, name, settings })
    this.services.push(made)
    return made
  }

  async token(role: string, site: string, name: string): Promise<string> {
    const { stdout, stderr } = await this.run('join-token', '--role', role, '--site', site, '--name', name)
    expect(stderr).toContain(`fairlead://${role}/${site}/${name}, once`)
    return stdout.trim()
  }

  joins(token: string, name: string, port = this.nodesPort): Promise<CommandResult> {
    const args = ['--token', token, '--data-dir', this.dataDirOf(name)]
    return runFairlead(['join', `https://${HOST}:${port}`, ...args])
  }

  /** Another one of the same store, not started. */
  async control(name: string, nodes: string): Promise<ServiceProcess> {
    const store = join(this.dataDirOf('c1'), 'control.sqlite')
    const authorityKeyFile = join(this.dataDirOf('c1'), 'authority.key')
    const shared = ['--store', store, '--authority-key-file', authorityKeyFile]
    const made = await this.run('init', '--name', name, '--data-dir', this.dataDirOf(name), ...shared)
    expect(made).toMatchObject({ code: 0, stdout: expect.stringContaining('kept, fingerprint') as unknown })
    return this.service('control', name, { api: `${HOST}:0`, nodes, store, authorityKeyFile })
  }

  /** One that has joined, and is not started. */
  async checker(
    site: string,
    name: string,
    controls = [`${HOST}:${this.nodesPort}`],
  ): Promise<{ process: ServiceProcess; port: number }> {
    expect(await this.joins(await this.token('checker', site, name), name)).toMatchObject({ code: 0 })
    const port = await freePort()
    const settings = { controls, frames: `${HOST}:${port}` }
    return { process: this.service('checker', name, settings), port }
  }

  /** A certificate by any authority, as no process of ours would use it. */
  shown(uri: string, { by = this.authority, days = 2 } = {}): SecureContextOptions {
    this.#issued += 1
    const { cert, key } = by.issue(`shown-${this.#issued}`, [`URI:${uri}`], days)
    return { cert, key, ca: readFileSync(this.authority.caFile) }
  }

  /** Status of what the control answers to nodes; null: nothing. `report`: one that is brought. */
  ask(path: string, secure: SecureContextOptions, report?: object): Promise<number | null> {
    return new Promise((resolve) => {
      const to = { host: HOST, port: this.nodesPort, path, agent: false, rejectUnauthorized: false }
      const asking = request({ ...secure, ...to, method: report === undefined ? 'GET' : 'POST' })
      asking.on('response', (response) => {
        resolve(response.statusCode ?? null)
        response.destroy()
      })
      asking.on('error', () => {
        resolve(null)
      })
      asking.end(report === undefined ? '' : `${JSON.stringify(report)}\n`)
    })
  }

  /** The control's log and the audit log have it, sooner or later. */
  async isTold(pattern: RegExp): Promise<void> {
    await eventually(
      async () => {
        expect(this.services[0]?.log()).toMatch(pattern)
        expect((await this.#denials()).filter((line) => pattern.test(line))).not.toEqual([])
      },
      { withinMs: 60_000 },
    )
  }

  /** What the API of the first control answers to its own admin. */
  async api(path: string): Promise<unknown> {
    const [url, token] = ['api-url', 'token'].map((name) =>
      readFileSync(join(this.dataDirOf('c1'), name), 'utf8').trim(),
    ) as [string, string]
    const reply = await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${token}` } })
    return reply.json()
  }

  async #denials(): Promise<string[]> {
    const { items } = pageSchema(auditEntrySchema).parse(await this.api('/v1/audit?limit=500'))
    // As a line of the log has it.
    return items.flatMap(({ outcome, actor: who, from, detail }) =>
      outcome === 'denied' ? [JSON.stringify({ who, from, msg: `refused: ${detail}` })] : [],
    )
  }
}
