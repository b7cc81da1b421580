/**
 * `fairlead init`: the cluster's authority in its store, and the certificate of a control.
 * What must stay true: what is there already stays, so that a run that was cut off is simply run again, and a second control is made
 * in the same way.
 */
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { CommandError, EXIT } from '../../core/exit-code.ts'
import { addNotes } from '../command-notes.ts'
import { addJsonOption, runs, type CommonOptions } from '../invocation.ts'
import type { Io } from '../io.ts'
import { authorityVault } from './authority-vault.ts'
import { ownAuthority, type OwnAuthorityOptions } from './own-authority.ts'
import { parseStore } from './store-place.ts'

interface InitOptions extends CommonOptions, OwnAuthorityOptions {
  readonly dataDir: string
  readonly store?: string
  readonly name: string
  readonly address?: string[]
  readonly authorityKeyFile?: string
}

const collect = (value: string, values: string[] | undefined): string[] => [...(values ?? []), value]

export function addInitCommand(program: Command, io: Io): void {
  const command = program
    .command('init')
    .description("Make a cluster's authority, if there is none yet, and the certificate of a control")
    .requiredOption('--name <name>', 'name of the control')
    .option('--data-dir <path>', 'data directory of the control', '.fairlead/control')
    .option('--store <path|url>', 'the store of the cluster (default: control.sqlite in the data directory)')
    .option('--address <name|ip>', 'where its API is served; repeat it for several', collect)
    .option('--ca-certificate <path>', 'PEM certificate of an authority of your own, to make certificates by')
    .option('--ca-key <path>', 'PEM key of that authority; it is sealed in the store')
    .option(
      '--authority-key-file <path>',
      "key-encryption key of the authority's key: base64 of 32 bytes (default: authority.key in the data directory, made if absent); FAIRLEAD_AUTHORITY_KEY may hold it instead",
    )
  addJsonOption(command).action(
    runs<InitOptions>(io, async ({ options, print, printJson }) => {
      const { initCluster } = await import('../../control/trust/main.ts')
      const dataDir = resolve(io.workingDirectory, options.dataDir)
      const result = await initCluster({
        ...{ dataDir, name: options.name, names: options.address ?? [] },
        store: storeOf(options, io),
        own: ownAuthority(options, io),
        vault: ({ make }) =>
          authorityVault({ ...options, dataDir, make: make && options.authorityKeyFile === undefined }, io),
        nowMs: io.now(),
      })
      if (options.json) printJson(result)
      else
        print([
          `authority  ${result.madeAuthority ? 'made' : 'kept'}, fingerprint ${result.fingerprint}`,
          `identity   ${result.identity}, ${result.madeIdentity ? 'made' : 'kept'}, until ${result.until}`,
          `next       ${controlCommand(options)}`,
          '           fairlead join-token --role checker --site SITE --name NAME',
        ])
    }),
  )
  addNotes(command, {
    examples: [
      {
        line: 'fairlead init --name control-1 --address control-1.example.net',
        meaning: 'the first control of a cluster',
      },
      {
        line: "fairlead init --name control-2 --store 'postgres://fairlead@db1,db2/fairlead' --authority-key-file authority.key",
        meaning: 'another one, with a copy of that key',
      },
    ],
    exitCodes: [EXIT.ok, EXIT.failure, EXIT.badInput, EXIT.unreachable, EXIT.fileAccess, EXIT.alreadyRunning],
  })
}

/** As it has to be typed: another store would be an empty one. Passwords are for the environment. */
function controlCommand({ dataDir, store, authorityKeyFile }: InitOptions): string {
  const options = { '--data-dir': dataDir, '--store': store, '--authority-key-file': authorityKeyFile }
  const words = Object.entries(options).flatMap(([option, value]) =>
    value === undefined ? [] : [option, quoted(value.replace(/^([a-z]+:\/\/[^/@:]*):[^/@]*@/, '$1@'))],
  )
  return ['fairlead control', ...words].join(' ')
}

function quoted(word: string): string {
  return /^[\w./:@=,+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}

function storeOf({ store }: InitOptions, io: Io) {
  if (store === undefined) return null
  const parsed = parseStore(store, io)
  if (parsed.kind === 'faults') throw new CommandError(EXIT.badInput, parsed.faults.join('\n'))
  return parsed.address
}
