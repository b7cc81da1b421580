/**
 * The process around the command line: exit codes, pipes that close, signals, a real terminal, the launcher, completion in a
 * real shell. All against a real control.
 */
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { EXIT } from '../../src/core/exit-code.ts'
import { CliRig, CONFIGURATION } from './cli-rig.ts'
import { runFairlead } from './harness/fairlead-process.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const MAIN = join(ROOT, 'src/cli/main.ts')
const LAUNCHER = join(ROOT, 'bin/fairlead')
const run = promisify(execFile)

let rig: CliRig
const cli = (...args: string[]) => runFairlead(args, { dataDir: rig.dataDir })

beforeAll(async () => {
  rig = await CliRig.start()
  await rig.run(['apply', '-f', '-'], { input: CONFIGURATION })
})

afterAll(async () => {
  await rig.stop()
})

/** Resolves once what the process has said matches. */
function said(child: ChildProcess, pattern: RegExp): Promise<string> {
  let text = ''
  return new Promise((resolve, reject) => {
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      if (pattern.test(text)) resolve(text)
    })
    child.once('exit', (code) => {
      reject(new Error(`ended with ${code}: ${text}`))
    })
  })
}

describe('the process', () => {
  it('ends with the documented codes', async () => {
    const input = 'sites: [{name: NO}]\n'
    expect(await runFairlead(['validate', '-f', '-'], { input })).toMatchObject({
      code: EXIT.badInput,
      stdout: '',
    })
    expect((await runFairlead(['apply'], {})).code).toBe(EXIT.badInput)
    const wrong = await runFairlead(['exprot'], {})
    expect(wrong.code).toBe(EXIT.badInput)
    expect(wrong.stderr).toContain('Did you mean export?')
    const help = await runFairlead(['apply', '--help'], {})
    expect(help).toMatchObject({ code: EXIT.ok, stderr: '' })
    expect(help.stdout).toContain('Examples:')
    expect(help.stdout).toContain('  7  a file or folder cannot be read or written')
    const exported = await cli('export')
    expect(exported.code).toBe(EXIT.ok)
    expect(
      (await runFairlead(['diff', '-f', '-'], { dataDir: rig.dataDir, input: exported.stdout })).code,
    ).toBe(EXIT.ok)
  })

  it('is not disturbed by a reader that stops reading', async () => {
    const pipe = `"${process.execPath}" "${MAIN}" get endpoints | head -c 1; exit \${PIPESTATUS[0]}`
    const env = { PATH: process.env['PATH'], FAIRLEAD_DATA_DIR: rig.dataDir }
    await expect(run('bash', ['--norc', '-c', pipe], { env })).resolves.toMatchObject({ stderr: '' })
  })

  it('follows redirects nowhere with its token', async () => {
    const asked: string[] = []
    const other = createServer((request, response) => {
      asked.push(request.headers.authorization ?? 'no token')
      response.end('{}')
    }).listen(0, '127.0.0.1')
    await once(other, 'listening')
    const address = other.address() as { port: number }
    const lying = createServer((_, response) => {
      response.writeHead(307, { location: `http://127.0.0.1:${address.port}/v1/status` }).end()
    }).listen(0, '127.0.0.1')
    await once(lying, 'listening')
    const url = `http://127.0.0.1:${(lying.address() as { port: number }).port}`
    const result = await runFairlead(['status', '--url', url, '--token', 'secret'], {})
    expect(result.code).toBe(EXIT.unreachable)
    expect(result.stderr).toContain('HTTP 307')
    expect(asked).toEqual([])
    lying.close()
    other.close()
  })
})

describe('watch', () => {
  const env = () => ({ PATH: process.env['PATH'], FAIRLEAD_DATA_DIR: rig.dataDir, TERM: 'xterm' })

  it('prints a line an event where there is no terminal, and ends well on a signal', async () => {
    const child = spawn(process.execPath, [MAIN, 'watch'], {
      env: env(),
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await said(child, /LOAD BALANCER[^]*www\.example\.test/)
    // The summary is there before the stream may be: the change is made again until it shows.
    const seen = said(child, /transition web\/one .* -> (?:up|down)/)
    let state: 'up' | 'down' = 'up'
    const again = setInterval(() => {
      rig.report({ 'web/one': state, 'web/two': 'up' })
      state = state === 'up' ? 'down' : 'up'
    }, 50)
    await seen.finally(() => {
      clearInterval(again)
    })
    const exited = once(child, 'exit')
    child.kill('SIGINT')
    expect(await exited).toEqual([EXIT.ok, null])
  })

  it('prints a line of JSON an event when asked to', async () => {
    const child = spawn(process.execPath, [MAIN, 'watch', '--json'], {
      env: env(),
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const line = said(child, /\n/)
    let count = 0
    const again = setInterval(() => {
      count += 1
      void rig.run(['apply', '-f', '-', '-m', `change ${count}`], { input: `sites: [{name: s${count}}]` })
    }, 100)
    const [first = ''] = (
      await line.finally(() => {
        clearInterval(again)
      })
    ).split('\n')
    expect(JSON.parse(first)).toMatchObject({ kind: 'revision' })
    const exited = once(child, 'exit')
    child.kill('SIGTERM')
    expect(await exited).toEqual([EXIT.ok, null])
  })

  it('draws on a real terminal, follows what happens, and puts the terminal back', async () => {
    // script(1) gives the command a pseudo-terminal and passes Ctrl-C on as a terminal does.
    const command = `exec '${process.execPath}' '${MAIN}' watch`
    const child = spawn('script', ['-qec', command, '/dev/null'], {
      env: env(),
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    rig.report({ 'web/one': 'up', 'web/two': 'up' })
    const text = said(child, /web\/one[^]*HTTP 200/)
    const drawn = await text
    expect(drawn).toContain('\u001b[?1049h')
    expect(drawn).toContain('\u001b[?25l')
    const changed = said(child, /connection \?\[31mrefused/)
    rig.report({ 'web/one': 'down', 'web/two': 'up' })
    await changed
    const restored = said(child, /\[\?25h.\[\?1049l/)
    const exited = once(child, 'exit')
    child.stdin.write('\u0003')
    await restored
    expect(await exited).toEqual([EXIT.ok, null])
  })
})

describe('the launcher', () => {
  it('runs from anywhere, by a link too', async () => {
    const link = join(mkdtempSync(join(tmpdir(), 'fairlead-link-')), 'fairlead')
    symlinkSync(LAUNCHER, link)
    const { stdout } = await run(link, ['version', '--json'], { cwd: '/' })
    expect(JSON.parse(stdout)).toMatchObject({ node: process.versions.node })
  })

  it('says in one sentence which Node.js it needs', async () => {
    const root = mkdtempSync(join(tmpdir(), 'fairlead-root-'))
    mkdirSync(join(root, 'bin'))
    mkdirSync(join(root, 'dist'))
    cpSync(LAUNCHER, join(root, 'bin/fairlead'))
    const attempt = () =>
      run(join(root, 'bin/fairlead'), ['version'], { env: { PATH: `${root}/path:/usr/bin:/bin` } }).catch(
        (error: unknown) => error,
      )
    expect(await attempt()).toMatchObject({
      code: EXIT.missingProgram,
      stderr: expect.stringContaining('holds no fairlead') as string,
    })
    writeFileSync(join(root, 'dist/fairlead.mjs'), '')
    mkdirSync(join(root, 'path'))
    const node = join(root, 'path/node')
    for (const version of ['v20.19.2', 'v24.14.9']) {
      writeFileSync(node, `#!/bin/sh\necho ${version}\n`)
      chmodSync(node, 0o755)
      const words = `Node.js 24.15 or newer is needed, but ${node} is ${version}`
      expect(await attempt()).toMatchObject({
        code: EXIT.missingProgram,
        stderr: expect.stringContaining(words) as string,
      })
    }
    writeFileSync(node, '#!/bin/sh\n[ "$1" = --version ] && echo v24.15.0 || echo "ran $*"\n')
    expect(await attempt()).toMatchObject({
      stdout: `ran --max-semi-space-size=16 ${root}/dist/fairlead.mjs version\n`,
    })
  })
})

describe('completion', () => {
  /** What bash would offer for these words, the last one being typed. */
  async function offered(...words: string[]): Promise<string[]> {
    const script = `
      PATH=${join(ROOT, 'bin')}:$PATH
      source <(fairlead completion bash)
      COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
      _fairlead fairlead
      printf '%s\\n' "\${COMPREPLY[@]}"`
    const env = { PATH: process.env['PATH'], FAIRLEAD_DATA_DIR: rig.dataDir }
    const { stdout } = await run('bash', ['--norc', '-c', script, 'bash', 'fairlead', ...words], {
      env,
      cwd: ROOT,
    })
    return stdout.split('\n').filter((line) => line !== '')
  }

  it('offers commands, kinds, options, choices, files, and names from the server', async () => {
    expect(await offered('ex')).toEqual(['export', 'explain'])
    expect(await offered('get', 'end')).toEqual(['endpoints'])
    expect(await offered('get', 'endpoint', 'web/t')).toEqual(['web/two'])
    expect(await offered('explain', 'www.example.test', '--type', 'AA')).toEqual(['AAAA'])
    expect(await offered('explain', '--')).toContain('--client')
    expect(await offered('apply', '-f', 'package-l')).toEqual(['package-lock.json'])
  })

  it('evaluates nothing of what was typed', async () => {
    const trap = join(rig.folder, 'trap')
    expect(await offered('get', 'site', `$(touch ${trap})`)).toEqual([])
    expect(await offered('get', `\`touch ${trap}\``, '')).toEqual([])
    expect(() => readFileSync(trap)).toThrow('ENOENT')
  })
})
