/**
 * A real control with its real store in a folder of its own, and the command line beside it, run within the test: the process
 * around it has a test of its own. Checkers are played by frames.
 */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { expect } from 'vitest'
import { systemClock } from '../../src/adapters/clock/system-clock.ts'
import { LocalFrames } from '../../src/adapters/transport/local-frames.ts'
import { runCommandLine } from '../../src/cli/run-command-line.ts'
import { fakeIo, textStream } from '../../src/cli/testing/fake-io.ts'
import { createControl, type Control } from '../../src/control/context.ts'
import { definitionsOf } from '../../src/core/health/definition.ts'
import type { CommandResult } from './harness/fairlead-process.ts'

export const CONFIGURATION = `
sites:
  - name: ams
zones:
  - name: example.test
    nameservers: [ns.elsewhere.test]
    records:
      - {name: '@', type: TXT, values: ['hello']}
monitors:
  - {name: alive, kind: http}
pools:
  - name: web
    monitors: [alive]
    endpoints:
      - {name: one, address: 192.0.2.1, port: 80, site: ams}
      - {name: two, address: 192.0.2.2, port: 80, site: ams, weight: 3}
loadBalancers:
  - name: www.example.test
    zone: example.test
    policy: {kind: weighted, pools: [web]}
`

export interface RunOptions {
  readonly input?: string
  readonly environment?: Readonly<Record<string, string>>
}

export class CliRig {
  readonly dataDir: string
  /** Where the commands run. */
  readonly folder: string
  readonly #control: Control
  readonly #frames: LocalFrames
  #sequence = 0

  private constructor(parts: { dataDir: string; folder: string; control: Control; frames: LocalFrames }) {
    this.dataDir = parts.dataDir
    this.folder = parts.folder
    this.#control = parts.control
    this.#frames = parts.frames
  }

  static async start(): Promise<CliRig> {
    const dataDir = mkdtempSync(join(tmpdir(), 'fairlead-cli-data-'))
    const folder = mkdtempSync(join(tmpdir(), 'fairlead-cli-'))
    const frames = new LocalFrames()
    const control = await createControl({
      dataDir,
      listen: { host: '127.0.0.1', port: 0 },
      frames,
      clock: systemClock,
      logger: pino({ level: 'silent' }),
      version: '0.0.0-test',
    })
    await control.start()
    writeFileSync(join(dataDir, 'api-url'), `${control.url}\n`)
    return new CliRig({ dataDir, folder, control, frames })
  }

  get url(): string {
    return this.#control.url
  }

  stop(): Promise<void> {
    return this.#control.stop()
  }

  async run(args: readonly string[], { input = '', environment }: RunOptions = {}): Promise<CommandResult> {
    const io = fakeIo({
      stdin: textStream(input),
      workingDirectory: this.folder,
      homeDirectory: this.folder,
      environment: environment ?? { FAIRLEAD_DATA_DIR: this.dataDir },
    })
    await runCommandLine(args, io)
    return { code: io.exitCode, stdout: io.stdout.text, stderr: io.stderr.text }
  }

  /** The one JSON value on stdout of a command that had nothing to say on stderr. */
  json(result: CommandResult): unknown {
    expect(result.stderr).toBe('')
    return JSON.parse(result.stdout)
  }

  /** A checker at ams says this of each endpoint. */
  report(states: Readonly<Record<string, 'up' | 'down'>>): void {
    const snapshot = this.#control.feed.current()
    if (snapshot === null) throw new Error('there is no configuration yet')
    const definitions = definitionsOf(snapshot.configuration)
    this.#sequence += 1
    this.#frames.send({
      checker: 'c1',
      site: 'ams',
      incarnation: 1,
      sequence: this.#sequence,
      revision: snapshot.revision,
      fenced: false,
      loss: 0,
      snapshot: true,
      registers: Object.entries(states).map(([endpoint, state]) => ({
        endpoint,
        state,
        degraded: false,
        definition: definitions.get(endpoint) ?? '',
        output: [
          {
            monitor: 'alive',
            outcome: state === 'up' ? 'success' : 'failure',
            detail: state === 'up' ? 'HTTP 200' : 'connection \u001b[31mrefused',
            phases: { connectMs: 0.5, totalMs: 1.5 },
            atMs: Date.now(),
          },
        ],
      })),
    })
  }
}
