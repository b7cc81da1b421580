/**
 * A bash that the steps of a guide are typed into. What only looks is looked at again until it shows what the page shows.
 * What must stay true: everything that it started ends with it; a step fails when its command does, or shows something else.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect } from 'vitest'
import { COMPILE_CACHE } from './compile-cache.ts'
import { eventually } from './eventually.ts'
import type { GuideStep } from './guide-steps.ts'

const ROOT = join(import.meta.dirname, '../../..')
/** Changes nothing: may be repeated. */
const LOOKS =
  /^(?:dig|fairlead (?:dnssec (?:show|roll)|status|traffic|tsig list|store check|get)|patronictl topology)(?: |$)/
const LIMIT_MS = 40_000

export class GuideShell {
  readonly #folder: string
  readonly #child: ChildProcess
  #output = ''
  #count = 0

  /** Alone with its processes, with the memory that they share, and in its network (so that ports are those of the page) unless it is to be in the tests'. */
  constructor(
    folder: string,
    options: {
      readonly network?: 'own' | 'shared'
      readonly environment?: Readonly<Record<string, string>>
    } = {},
  ) {
    this.#folder = folder
    const bin = join(folder, '.bin')
    mkdirSync(bin)
    const main = join(ROOT, 'src/cli/main.ts')
    writeFileSync(join(bin, 'fairlead'), `#!/bin/sh\nexec ${process.execPath} ${main} "$@"\n`, {
      mode: 0o755,
    })
    const PATH = [bin, '/usr/sbin', '/usr/bin', '/sbin', '/bin'].join(':')
    const network = options.network === 'shared' ? [] : ['--net']
    const isolation = [...network, '--pid', '--ipc', '--fork', '--mount-proc', '--kill-child']
    // A PostgreSQL that is killed at the end leaves nothing in the memory of the machine.
    const begin = ['sh', '-c', 'mount -t tmpfs shm /dev/shm && exec bash --norc']
    this.#child = spawn('unshare', [...isolation, ...begin], {
      cwd: folder,
      env: { PATH, HOME: folder, EXAMPLES: join(ROOT, 'examples'), ...COMPILE_CACHE, ...options.environment },
    })
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.on('data', (chunk: Buffer) => (this.#output += chunk.toString()))
  }

  /** What it prints, and its exit code. */
  async type(command: string): Promise<{ readonly lines: string[]; readonly code: number }> {
    const mark = `--done-${(this.#count += 1)}-`
    this.#output = ''
    this.#child.stdin?.write(`${command}\necho ${mark}$?\n`)
    const done = new RegExp(`^${mark}(\\d+)$`, 'm')
    const code = await eventually(
      () => {
        const found = done.exec(this.#output)?.[1]
        if (found === undefined) throw new Error(`'${command}' does not end: ${this.#output}`)
        return Number(found)
      },
      { withinMs: LIMIT_MS, everyMs: 5 },
    )
    const lines = this.#output.replace(done, '').split('\n').map(squeezed)
    return { code, lines: lines.filter((line) => line !== '') }
  }

  async take(step: GuideStep): Promise<void> {
    if (step.kind === 'file') {
      mkdirSync(dirname(join(this.#folder, step.path)), { recursive: true })
      writeFileSync(join(this.#folder, step.path), step.text)
      return
    }
    const { command, shown } = step
    const attempt = async () => {
      const { code, lines } = await this.type(command)
      expect(code, lines.join('\n')).toBe(0)
      expect(missing(shown, lines, command), lines.join('\n')).toEqual([])
      if (command.startsWith('dig ')) expect(lines, command).toHaveLength(shown.length)
      // What was started in the background is there before the next line is typed.
      if (command.startsWith('fairlead up '))
        await eventually(() => readFileSync(join(this.#folder, '.fairlead/api-url')), { withinMs: LIMIT_MS })
    }
    await (LOOKS.test(command) ? eventually(attempt, { withinMs: LIMIT_MS, everyMs: 200 }) : attempt())
  }

  async end(): Promise<void> {
    const exited = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await exited
  }
}

const squeezed = (line: string) => line.trim().replaceAll(/ +/g, ' ')

function isShown(shown: string, line: string): boolean {
  const parts = squeezed(shown).split('…')
  const pattern = parts.map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.*')
  return new RegExp(`^${pattern}$`).test(line)
}

/** Those that do not come in their order; of `dig` the order is the server's. */
function missing(shown: readonly string[], lines: readonly string[], command: string): string[] {
  if (command.startsWith('dig ')) {
    const left = [...lines]
    return shown.filter((line) => {
      const at = left.findIndex((one) => isShown(line, one))
      if (at !== -1) left.splice(at, 1)
      return at === -1
    })
  }
  let from = 0
  return shown.filter((line) => {
    const at = lines.findIndex((one, index) => index >= from && isShown(line, one))
    if (at !== -1) from = at + 1
    return at === -1
  })
}
