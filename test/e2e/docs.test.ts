/**
 * What the documentation shows is what happens: every YAML block is accepted, every link leads somewhere, every `fairlead` line
 * is run against the quickstart, and every other command is a program or script that exists.
 * A block of another language than those here (`text`) shows output or foreign syntax and is not checked.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { notesOf } from '../../src/cli/command-notes.ts'
import { buildProgram } from '../../src/cli/program.ts'
import { documentationIo } from '../../scripts/generate/documentation-io.ts'
import { COMPILE_CACHE } from './harness/compile-cache.ts'
import { eventually } from './harness/eventually.ts'
import { freePort } from '../../src/adapters/probes/testing/free-port.ts'

const ROOT = join(import.meta.dirname, '../..')
const FAIRLEAD = join(ROOT, 'bin/fairlead')
const PAGES = globSync(['*.md', 'docs/**/*.md'], { cwd: ROOT }).sort()

/** Commands that need a whole machine, a parent zone or a running fairlead in the foreground: known, not run. */
const NOT_RUN =
  /^(?:git|cd|npm (?:start|test|install)|systemctl|systemd-sysusers|journalctl|cp|ln|dig|install|\/opt\/fairlead\/examples\/\S+\.sh) ?/

/** As the service's user, who is not here: its options are looked at. */
const AS_SERVICE = /^(?:FAIRLEAD_JOIN_TOKEN="\S+ \S+" )?runuser -u fairlead -- (fairlead .*)/

interface Block {
  readonly page: string
  readonly language: string
  readonly text: string
}

function blocksOf(page: string): Block[] {
  const text = readFileSync(join(ROOT, page), 'utf8')
  return [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language = '', body = '']) => ({
    page,
    language,
    text: body,
  }))
}

const blocks = PAGES.flatMap(blocksOf)
const yamlBlocks = blocks.filter((block) => block.language === 'yaml')

/** Lines that somebody is meant to type. */
function commandsOf(block: Block): string[] {
  const lines = block.text.split('\n').map((line) => line.replace(/\s+#.*$/, '').trim())
  const typed =
    block.language === 'console'
      ? lines.filter((line) => line.startsWith('$ ')).map((line) => line.slice(2))
      : lines
  return typed.filter((line) => line !== '').flatMap((line) => line.split(' && '))
}

/** Whole guides, run line by line in shell-guides.test.ts. */
const isRunElsewhere = (page: string) => /^docs\/(?:guides\/(?:dns|cluster)\/|runbook\.md)/.test(page)

const commands = blocks
  .filter((block) => !isRunElsewhere(block.page) && ['sh', 'console'].includes(block.language))
  .flatMap((block) => commandsOf(block).map((command) => ({ page: block.page, command })))

let folder: string
let up: ChildProcess

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fairlead-docs-'))
  const port = await freePort()
  up = spawn(
    FAIRLEAD,
    [
      'up',
      'examples/quickstart.yaml',
      '--data-dir',
      join(folder, 'data'),
      '--dns-port',
      String(port),
      '--api',
      '127.0.0.1:0',
    ],
    { cwd: ROOT, stdio: 'ignore' },
  )
  await eventually(
    () => {
      if (!existsSync(join(folder, 'data/api-url'))) throw new Error('fairlead up has not started')
    },
    { withinMs: 30_000 },
  )
})

afterAll(async () => {
  const exited = once(up, 'exit')
  up.kill('SIGTERM')
  await exited
  rmSync(folder, { recursive: true })
})

function fairlead(args: readonly string[], input = '') {
  return spawnSync(FAIRLEAD, args, {
    cwd: folder,
    encoding: 'utf8',
    input,
    env: { ...process.env, ...COMPILE_CACHE, FAIRLEAD_DATA_DIR: join(folder, 'data') },
    timeout: 30_000,
  })
}

describe('YAML', () => {
  it.each(yamlBlocks.map((block, index) => ({ ...block, index })))('$page, block $index', ({ text }) => {
    const { status, stderr } = fairlead(['validate', '-f', '-'], text)
    expect(stderr).toBe('')
    expect(status).toBe(0)
  })
})

/** What the page's commands take as files: the whole documents that the same page shows. */
function writeFilesOf(page: string): void {
  const [first] = yamlBlocks.filter((block) => block.page === page)
  for (const name of ['gslb.yaml', 'fairlead.yaml']) writeFileSync(join(folder, name), first?.text ?? '')
}

/** Splits as a shell does, for the quoting that the pages use. */
function words(command: string): string[] {
  return [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '')
}

describe('commands', () => {
  const own = commands
    .map(({ page, command }) => ({
      page,
      command: command.replace(/^(?:sudo )?(?:bin\/)?(?=fairlead )/, ''),
    }))
    // Some guides are run as a whole, with what they show, by guides.test.ts and shell-guides.test.ts.
    .filter(
      ({ page, command }) =>
        command.startsWith('fairlead ') && !/^docs\/guides\/(?:steering|dns|cluster)\//.test(page),
    )

  it.each(own)('$page: $command', async ({ page, command }) => {
    writeFilesOf(page)
    // The guides' folders are those of an installation; `watch` goes on until it is told to end.
    const here = command
      .replace('/etc/fairlead/', join(ROOT, 'examples/quickstart.yaml'))
      .replace('/var/lib/fairlead/', join(folder, 'data/'))
      .replace('/var/backups/', `${folder}/`)
    const args = words(here).slice(1)
    if (args[0] === 'watch') {
      const watch = spawn(FAIRLEAD, args, {
        env: { ...process.env, FAIRLEAD_DATA_DIR: join(folder, 'data') },
      })
      await once(watch.stdout, 'data')
      const exited = once(watch, 'exit')
      watch.kill('SIGINT')
      expect(await exited).toEqual([0, null])
      return
    }
    const { status, stderr } = fairlead(args)
    // 3: there are differences, or something is down, as it is while no demo endpoint runs.
    expect([0, 3], stderr).toContain(status)
  })

  it('are known, one and all', () => {
    const scripts = Object.keys(
      (JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: object }).scripts,
    )
    const unknown = commands.filter(({ command }) => {
      const script = /^npm run (?:-s )?([\w:]+)/.exec(command)?.[1]
      if (script !== undefined) return !scripts.includes(script)
      return ![NOT_RUN, AS_SERVICE, /^(?:sudo )?(?:bin\/)?fairlead /].some((known) => known.test(command))
    })
    expect(unknown).toEqual([])
  })

  it('that are examples of --help are understood', () => {
    const program = buildProgram(documentationIo)
    for (const command of program.commands)
      for (const { line } of notesOf(command)?.examples ?? []) expectUnderstood(line)
  })

  it("of the service's user are understood", () => {
    const lines = commands.flatMap(({ command }) => AS_SERVICE.exec(command)?.[1] ?? [])
    expect(lines.length).toBeGreaterThan(0)
    for (const line of lines) expectUnderstood(line)
  })
})

function expectUnderstood(line: string): void {
  const help = fairlead([...words(line).slice(1, 2), '--help'])
  expect(help.status, line).toBe(0)
  for (const option of words(line).filter((word) => word.startsWith('--')))
    expect(help.stdout, line).toContain(option)
}

describe('links', () => {
  const links = PAGES.flatMap((page) =>
    [...readFileSync(join(ROOT, page), 'utf8').matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, target = '']) => ({ page, target }))
      .filter(({ target }) => !/^https?:/.test(target)),
  )

  it.each(PAGES)('of %s lead somewhere', (page) => {
    const broken = links.filter((link) => {
      if (link.page !== page) return false
      const [path = '', anchor] = link.target.split('#')
      const file = path === '' ? join(ROOT, page) : resolve(ROOT, dirname(page), path)
      return !existsSync(file) || (anchor !== undefined && !anchorsOf(file).has(anchor))
    })
    expect(broken).toEqual([])
  })
})

/** The anchors that GitHub gives to the headings of a page. */
function anchorsOf(file: string): Set<string> {
  const headings = readFileSync(file, 'utf8').matchAll(/^#+ (.*)$/gm)
  return new Set(
    [...headings].map(([, text = '']) =>
      text
        .toLowerCase()
        .replaceAll(/[^\w\- ]/g, '')
        .replaceAll(' ', '-'),
    ),
  )
}
