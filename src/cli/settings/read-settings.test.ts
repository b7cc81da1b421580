import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { z } from 'zod'
import { EXIT } from '../../core/exit-code.ts'
import { InputFaultsError } from '../files/input-faults-error.ts'
import { fakeIo } from '../testing/fake-io.ts'
import { addSettings } from './add-settings.ts'
import { CHECKER_SETTINGS, CONTROL_SETTINGS, NAMESERVER_SETTINGS } from './process-settings.ts'
import { readSettings, type Flags } from './read-settings.ts'
import { tlsFaults } from '../commands/tls-files.ts'
import { flagOf, variableOf, type Setting } from './setting.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fairlead-settings-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

const TLS = 'certificateFile: c.pem\nkeyFile: c.key\ncaFile: ca.pem\n'

/** As a shell would run it: the words through commander, then the three places. */
async function read(
  table: { readonly settings: readonly Setting[]; readonly schema: z.ZodObject },
  given: { file?: string; environment?: Record<string, string>; words?: readonly string[] },
): Promise<Record<string, unknown>> {
  const words = [...(given.words ?? [])]
  if (given.file !== undefined) {
    writeFileSync(join(folder, 's.yaml'), given.file)
    words.push('--config', 's.yaml')
  }
  const command = addSettings(new Command(), table.settings).exitOverride()
  command.parse(words, { from: 'user' })
  const io = fakeIo({ environment: given.environment ?? {}, workingDirectory: folder })
  return readSettings(table, command.opts<Flags>(), io)
}

async function faults(...given: Parameters<typeof read>): Promise<string> {
  const error: unknown = await read(...given).catch((one: unknown) => one)
  expect(error).toMatchObject({ exitCode: EXIT.badInput })
  if (!(error instanceof InputFaultsError)) return (error as Error).message
  const [, ...others] = error.message.split('\n')
  const located = error.faults.map(({ line, column, message }) => `${line}:${column}: ${message}`)
  return [...located, ...others].join('\n')
}

describe('the settings of a process', () => {
  it('come from the default, the file, the environment and the command line, each before the one before it', async () => {
    const file = `${TLS}controls: ['a:1']\n`
    const base = await read(NAMESERVER_SETTINGS, { file })
    expect(base).toMatchObject({
      dnsPort: 5_300,
      dnsAddress: ['127.0.0.1'],
      controls: [{ host: 'a', port: 1 }],
    })
    expect(await read(NAMESERVER_SETTINGS, { file: `${file}dnsPort: 53\n` })).toMatchObject({ dnsPort: 53 })
    const environment = {
      FAIRLEAD_DNS_PORT: '54',
      FAIRLEAD_CONTROLS: 'b:2, [::1]:3',
      FAIRLEAD_LEAVE_POWERDNS: 'true',
    }
    const fromEnvironment = await read(NAMESERVER_SETTINGS, { file: `${file}dnsPort: 53\n`, environment })
    expect(fromEnvironment).toMatchObject({
      ...{ dnsPort: 54, leavePowerdns: true },
      controls: [
        { host: 'b', port: 2 },
        { host: '::1', port: 3 },
      ],
    })
    const words = ['--dns-port', '55', '--dns-address', '192.0.2.1', '--dns-address', '::']
    expect(await read(NAMESERVER_SETTINGS, { file, environment, words })).toMatchObject({
      ...{ dnsPort: 55, dnsAddress: ['192.0.2.1', '::'] },
    })
  })

  it('may be without a file, and the file may be named by a variable', async () => {
    const words = ['--certificate-file', 'c', '--key-file', 'k', '--ca-file', 'a']
    expect(await read(CONTROL_SETTINGS, { words })).toEqual({
      ...{ certificateFile: 'c', keyFile: 'k', caFile: 'a', logLevel: 'info', dataDir: '.fairlead/control' },
      ...{ historyDays: 30, certificateLife: '30d' },
      ...{ api: { host: '127.0.0.1', port: 5_380 }, nodes: { host: '::', port: 5_381 } },
    })
    writeFileSync(join(folder, 'named.yaml'), `${TLS}api: '[::1]:0'\n`)
    const named = await read(CONTROL_SETTINGS, { environment: { FAIRLEAD_CONFIG: 'named.yaml' } })
    expect(named).toMatchObject({ api: { host: '::1', port: 0 } })
  })

  it('that are wrong in the file are all told, each with its place', async () => {
    const file = `${TLS}controls: ['a:1', 'b']\ndnsport: 53\ndnsAddress: [nowhere]\nlogLevel: loud\nleavePowerdns: maybe\n`
    const said = await faults(NAMESERVER_SETTINGS, { file })
    expect(said.split('\n')).toHaveLength(5)
    expect(said).not.toContain('needed')
    expect(said).toContain('4:19: a host and port such as')
    expect(said).toContain("5:1: unknown field 'dnsport', did you mean 'dnsPort'?")
    expect(said).toContain('6:14: an IP address such as')
    expect(said).toContain("7:11: one of 'debug', 'info'")
    expect(said).toContain('8:16: ')
  })

  it('are judged where they stand, also where another place comes before it', async () => {
    const words = ['--controls', 'a:1', '--log-level', 'info']
    const tls = { file: TLS, words }
    expect(await faults(CHECKER_SETTINGS, { ...tls, environment: { FAIRLEAD_LOG_LEVEL: 'loud' } })).toBe(
      "FAIRLEAD_LOG_LEVEL: one of 'debug', 'info', 'warn', 'error', 'silent' is expected",
    )
    expect(await faults(CHECKER_SETTINGS, { file: TLS, words: [...words, '--frames', 'x'] })).toContain(
      '--frames: an IP address and port such as',
    )
    expect(await faults(CHECKER_SETTINGS, { file: `${TLS}frames: 5\n`, words })).toContain(
      '4:9: an IP address and port',
    )
    for (const control of ['a', 'a:0', 'a:65536', ':5', 'a b:5', '-x-:5', '[zz]:1'])
      expect(await faults(CHECKER_SETTINGS, { file: TLS, words: ['--controls', control] })).toContain(
        '--controls: a host',
      )
    expect(
      await faults(NAMESERVER_SETTINGS, { ...tls, environment: { FAIRLEAD_DNS_PORT: '5e1' } }),
    ).toContain('FAIRLEAD_DNS_PORT: ')
  })

  it('that nobody gave are named with every way to give them', async () => {
    expect(await faults(CHECKER_SETTINGS, { file: TLS })).toBe(
      "controls is needed: give --controls, FAIRLEAD_CONTROLS, or 'controls' in the file of --config",
    )
    const settings = { dataDir: 'd', logLevel: 'info', keyFile: 'k' } as const
    expect(tlsFaults(settings)).toEqual([
      expect.stringMatching(/^certificateFile and caFile must be given too: all three/),
    ])
  })

  it('are judged all at once, from every place', async () => {
    const environment = { FAIRLEAD_LOG_LEVEL: 'loud' }
    const words = ['--frames', 'x', '--certificate-file', 'c']
    const said = await faults(CHECKER_SETTINGS, { file: 'dataDir: 5\n', environment, words })
    expect(said.split('\n').map((line) => line.replace(/:? .*/, ''))).toEqual([
      ...['1:10', '--frames', 'FAIRLEAD_LOG_LEVEL', 'controls'],
    ])
    const table = { ...CHECKER_SETTINGS, together: () => ['these two do not', 'nor do these'] }
    const right = { file: TLS, words: ['--controls', 'a:1'] }
    expect(await faults(table, right)).toBe('these two do not\nnor do these')
  })

  it('have no second document, and no list where a map is expected', async () => {
    expect(await faults(CONTROL_SETTINGS, { file: `${TLS}---\n${TLS}` })).toContain('a second document')
    expect(await faults(CONTROL_SETTINGS, { file: '- a\n' })).toContain('1:1: ')
    expect(await faults(CONTROL_SETTINGS, { file: 'a: [\n' })).toContain('not valid YAML')
  })

  it.each([CONTROL_SETTINGS, CHECKER_SETTINGS, NAMESERVER_SETTINGS])(
    'are all in --help, and no others',
    (table) => {
      expect(table.settings.map((setting) => setting.key).sort()).toEqual(
        Object.keys(table.schema.shape).sort(),
      )
      const help = addSettings(new Command(), table.settings).helpInformation()
      for (const { key } of table.settings) {
        expect(help).toContain(flagOf(key))
        expect(help.replaceAll(/\s+/g, ' ')).toContain(variableOf(key))
      }
    },
  )
})
