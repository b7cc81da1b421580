import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { CommandError, EXIT } from '../../core/exit-code.ts'
import { fakeIo, textStream } from '../testing/fake-io.ts'
import { noPaint } from '../output/paint.ts'
import { InputFaultsError } from './input-faults-error.ts'
import { loadFiles } from './load-files.ts'
import { MAX_SOURCE_BYTES } from './read-sources.ts'
import { renderFaults } from './render-faults.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fairlead-files-'))
})

function write(name: string, text: string | Uint8Array): string {
  mkdirSync(dirname(join(folder, name)), { recursive: true })
  writeFileSync(join(folder, name), text)
  return name
}

const load = (paths: string[], stdin = '', selfContained = true) =>
  loadFiles(paths, fakeIo({ workingDirectory: folder, stdin: textStream(stdin) }), { selfContained })

async function faultsOf(paths: string[], stdin = ''): Promise<string[]> {
  const error = await load(paths, stdin).catch((reason: unknown) => reason)
  if (!(error instanceof InputFaultsError)) throw error
  return renderFaults(error.faults, { paint: noPaint, excerpt: false })
}

describe('what is read', () => {
  it('makes one document of files, folders, several documents in a file, and stdin', async () => {
    write('a.yaml', 'sites: [{name: ams}]\n---\nsites: [{name: fra}]\n---\n# nothing here\n')
    write('more/b.yml', 'zones: [{name: example.test, nameservers: [ns.elsewhere.test]}]')
    write('more/deep/c.json', '{\n\t"sites": [\n\t\t{"name": "lon"}\n\t]\n}\n')
    write('more/readme.txt', 'not: [configuration')
    write('more/.hidden.yaml', 'not: [configuration')
    const { document } = await load(['a.yaml', 'more', '-'], 'monitors: [{name: alive, kind: http}]')
    expect(document.sites.map((site) => site.name)).toEqual(['ams', 'fra', 'lon'])
    expect(document.zones.map((zone) => zone.name)).toEqual(['example.test'])
    expect(document.monitors.map((monitor) => monitor.name)).toEqual(['alive'])
  })

  it('reads a file once that is named twice', async () => {
    write('dir/a.yaml', 'sites: [{name: ams}]')
    expect((await load(['dir', 'dir/a.yaml'])).document.sites).toHaveLength(1)
  })

  it.each([
    { path: 'absent.yaml', exitCode: EXIT.fileAccess, words: 'cannot read absent.yaml: no such file' },
    { path: '.', exitCode: EXIT.badInput, words: 'holds no .yaml' },
  ])('says in one sentence what is wrong with $path', async ({ path, exitCode, words }) => {
    const error = await load([path]).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(CommandError)
    expect(error).toMatchObject({ exitCode })
    expect((error as Error).message).toContain(words)
  })

  it('refuses what is too long before parsing it, and what is no text', async () => {
    write('long.yaml', new Uint8Array(MAX_SOURCE_BYTES + 1).fill(0x23))
    await expect(load(['long.yaml'])).rejects.toThrow('long.yaml is longer than 20 MiB')
    write('binary.yaml', new Uint8Array([0xff, 0xfe, 0x00]))
    await expect(load(['binary.yaml'])).rejects.toThrow('binary.yaml is not UTF-8 text')
  })
})

describe('mistakes', () => {
  it('are all found at once, each with its place and what was expected', async () => {
    write(
      'all.yaml',
      [
        'sites:',
        '  - name: ams',
        'zoness: []',
        'zones:',
        '  - name: example.test',
        '    nameservers: [ns.elsewhere.test]',
        '    recrods: []',
        'monitors:',
        '  - {kind: htp, name: alive}',
        'pools:',
        '  - name: web',
        '    monitors: [alive]',
        '    endpoints:',
        '      - {name: a, address: 999.1.1.1, port: 80, site: ams}',
        '      - {name: b, address: 192.0.2.1, port: "80", site: ams}',
        '      - {name: c, address: fe80::1%eth0, port: 80, site: ams}',
        '      - {name: d, address: 192.0.2.1, port: 80, site: amz}',
        'loadBalancers:',
        '  - name: www.example.test',
        '    zone: exmple.test',
        '    policy: {kind: all, pools: [webb]}',
        '  - zone: example.test',
        '    policy: {kind: all, pools: [web]}',
      ].join('\n'),
    )
    const faults = await faultsOf(['all.yaml'])
    const expected: [string, string][] = [
      ['3:1', "unknown field 'zoness', did you mean 'zones'?"],
      ['7:5', "unknown field 'recrods', did you mean 'records'?"],
      ['9:12', "one of 'http', 'https', 'tcp' is expected, did you mean 'http'?"],
      ['14:28', "'999.1.1.1' is not an IP address: expected one such as"],
      ['15:45', 'a number is expected, not text'],
      ['16:28', 'has a zone index'],
      ['17:55', "there is no site 'amz', did you mean 'ams'?"],
      ['20:11', "there is no zone 'exmple.test', did you mean 'example.test'?"],
      ['21:33', "there is no pool 'webb', did you mean 'web'?"],
      ['22:5', "'name' is missing: text is expected"],
    ]
    expect(faults).toHaveLength(expected.length)
    for (const [index, [place, words]] of expected.entries()) {
      expect(faults[index]).toMatch(new RegExp(`^all\\.yaml:${place}: `))
      expect(faults[index]).toContain(words)
    }
  })

  it('names both places of a name that stands twice, within a file and across files', async () => {
    write(
      'one.yaml',
      'sites:\n  - name: ams\n  - name: ams\nzones:\n  - {name: example.test, nameservers: [ns.x.test]}\n',
    )
    write('two.yaml', 'zones:\n  - nameservers: [ns.x.test]\n    name: Example.TEST.\n')
    write(
      'three.yaml',
      'pools:\n  - name: p\n    endpoints:\n      - {name: a, address: 192.0.2.1, port: 1, site: ams}\n      - {name: a, address: 192.0.2.2, port: 1, site: ams}\n',
    )
    expect(await faultsOf(['one.yaml', 'two.yaml', 'three.yaml'])).toEqual([
      "one.yaml:3:11: a second site 'ams': the first is at one.yaml:2:11 (expected: a name stands once)",
      "two.yaml:3:11: a second zone 'example.test': the first is at one.yaml:5:12 (expected: a name stands once)",
      "three.yaml:5:16: a second endpoint 'p/a': the first is at three.yaml:4:16 (expected: a name stands once)",
    ])
  })

  it('in the syntax have a place too, in every file', async () => {
    write('a.yaml', 'sites:\n  - name: [ams\n')
    write('b.json', '{"sites": [}')
    write('c.yaml', 'sites: []\nsites: []\n')
    write('d.yaml', 'sites: !secret x\n')
    const faults = await faultsOf(['a.yaml', 'b.json', 'c.yaml', 'd.yaml'])
    for (const file of ['a.yaml', 'b.json', 'c.yaml', 'd.yaml'])
      expect(faults.some((fault) => fault.startsWith(`${file}:`) && fault.includes('not valid YAML'))).toBe(
        true,
      )
    expect(faults.find((fault) => fault.startsWith('c.yaml:2:1:'))).toContain('unique')
  })

  it('are not what refers to something that is there but faulty', async () => {
    const text =
      'pools: [{name: web, monitors: [alive]}]\nmonitors: [{name: alive, kind: tcp, port: -1, expect: 7, timeoutMs: no}]\n'
    expect((await faultsOf(['-'], text)).every((fault) => !fault.includes('there is no'))).toBe(true)
  })

  it('of the whole document are said: a list, a word, a number', async () => {
    for (const text of ['- a\n', 'word\n', '7\n'])
      expect((await faultsOf(['-'], text))[0]).toMatch(/^<stdin>:1:1: a set of fields/)
  })

  it('cannot hide in keys that mean something to JavaScript', async () => {
    const [fault] = await faultsOf(['-'], '__proto__: {sites: []}\nconstructor: 1\n')
    expect(fault).toContain('unknown field')
  })

  it('do not become a bomb by aliases', async () => {
    const levels = Array.from({ length: 30 }, (_, n) => `a${n + 1}: &a${n + 1} [*a${n}, *a${n}, *a${n}]`)
    const [fault] = await faultsOf(['-'], `a0: &a0 [x]\n${levels.join('\n')}\n`)
    expect(fault).toContain('alias')
  })

  it('are shown on a terminal with the line before, the line, and a caret under the place', async () => {
    write('a.yaml', 'sites:\n  - name: ams\n    \u001b[2Jcontry: "\u001b]0;x\u0007"\n')
    const error = await load(['a.yaml']).catch((reason: unknown) => reason)
    const lines = renderFaults((error as InputFaultsError).faults, { paint: noPaint, excerpt: true })
    expect(lines.join('\n')).not.toMatch(/[^\P{Cc}\n]/u)
    write('b.yaml', 'sites:\n  - name: ams\n    contry: NL\n')
    const other = await load(['b.yaml']).catch((reason: unknown) => reason)
    expect(renderFaults((other as InputFaultsError).faults, { paint: noPaint, excerpt: true })).toEqual([
      "b.yaml:3:5: unknown field 'contry', did you mean 'country'?",
      '  2 |   - name: ams',
      '  3 |     contry: NL',
      '    |     ^',
    ])
  })
})

it('leaves references to the server where they may be there', async () => {
  const text = 'pools: [{name: web, monitors: [alive]}]'
  await expect(load(['-'], text)).rejects.toThrow('1 fault in 1 file')
  const files = await load(['-'], text, false)
  const located = files.locate({ kind: 'pool', key: 'web' }, { pointer: '/monitors/0', message: 'no' })
  expect(located).toMatchObject({ line: 1, column: 32 })
  expect(files.locate({ kind: 'pool', key: 'other' }, { pointer: '', message: '' })).toBeNull()
})
