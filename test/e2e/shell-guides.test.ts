/**
 * The guides of docs/guides/dns and docs/guides/cluster, line by line: files are written as they stand, commands are typed into a shell of a network of
 * its own (so that ports are those of the page), and what is shown is what comes. `…` stands for anything within a line; lines
 * that are shown come in their order, with others between them. What only looks is looked at again until it shows it.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually } from './harness/eventually.ts'

const ROOT = join(import.meta.dirname, '../..')
const PAGES = globSync('docs/guides/{dns,cluster}/*.md', { cwd: ROOT }).sort()
/** Changes nothing: may be repeated. */
const LOOKS = /^(?:dig|fairlead (?:dnssec (?:show|roll)|status|traffic|tsig list|store check|get)) /
const LIMIT_MS = 40_000

type Step =
  | { readonly kind: 'file'; readonly path: string; readonly text: string }
  | { readonly kind: 'command'; readonly command: string; readonly shown: readonly string[] }

function stepsOf(text: string): Step[] {
  return [...text.matchAll(/^```(\w+)(?: file=(\S+))?\n(.*?)^```$/gms)].flatMap(
    ([, language, path, body = '']): Step[] => {
      if (path !== undefined) return [{ kind: 'file', path, text: body }]
      if (language !== 'console') return []
      return body
        .split(/^\$ /m)
        .slice(1)
        .map((typed) => {
          const [command = '', ...shown] = typed.trimEnd().split('\n')
          return { kind: 'command', command, shown }
        })
    },
  )
}

/** A bash that is typed into, alone in its network and with its processes, which end with it. */
class Shell {
  readonly #child: ChildProcess
  #output = ''
  #count = 0

  constructor(folder: string) {
    const bin = join(folder, '.bin')
    mkdirSync(bin)
    const main = join(ROOT, 'src/cli/main.ts')
    writeFileSync(join(bin, 'fairlead'), `#!/bin/sh\nexec ${process.execPath} ${main} "$@"\n`, {
      mode: 0o755,
    })
    const PATH = [bin, '/usr/sbin', '/usr/bin', '/sbin', '/bin'].join(':')
    const isolation = ['--net', '--pid', '--fork', '--mount-proc', '--kill-child']
    this.#child = spawn('unshare', [...isolation, 'bash', '--norc'], {
      cwd: folder,
      env: { PATH, HOME: folder, EXAMPLES: join(ROOT, 'examples') },
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

describe.each(PAGES)('%s', (page) => {
  const steps = stepsOf(readFileSync(join(ROOT, page), 'utf8'))
  let folder: string
  let shell: Shell

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'fairlead-guide-'))
    // A server that gives up root's rights has to find its folder in it.
    chmodSync(folder, 0o711)
    shell = new Shell(folder)
    expect((await shell.type('ip link set lo up')).code).toBe(0)
  })
  afterAll(async () => {
    await shell.end()
    rmSync(folder, { recursive: true, force: true })
  })

  it('has commands', () => {
    expect(steps.filter(({ kind }) => kind === 'command').length).toBeGreaterThan(4)
  })

  it.each(steps.map((step) => ({ title: step.kind === 'file' ? step.path : step.command, step })))(
    '$title',
    async ({ step }) => {
      if (step.kind === 'file') {
        mkdirSync(dirname(join(folder, step.path)), { recursive: true })
        writeFileSync(join(folder, step.path), step.text)
        return
      }
      const { command, shown } = step
      const attempt = async () => {
        const { code, lines } = await shell.type(command)
        expect(code, lines.join('\n')).toBe(0)
        expect(missing(shown, lines, command), lines.join('\n')).toEqual([])
        if (command.startsWith('dig ')) expect(lines, command).toHaveLength(shown.length)
        // What was started in the background is there before the next line is typed.
        if (command.startsWith('fairlead up '))
          await eventually(() => readFileSync(join(folder, '.fairlead/api-url')), { withinMs: LIMIT_MS })
      }
      await (LOOKS.test(command) ? eventually(attempt, { withinMs: LIMIT_MS, everyMs: 200 }) : attempt())
    },
  )
})
