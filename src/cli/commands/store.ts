/**
 * `fairlead store`: what an operator does to a store itself, whatever engine it stands on.
 * What must stay true: nothing here needs a control, and a control at work on the store is not disturbed; a file or a store that
 * is there is never written over.
 */
import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { StoreContents } from '../../adapters/sql/backup/store-backup.ts'
import type * as StoreWork from '../../adapters/sql/backup/store-work.ts'
import { CommandError, EXIT } from '../../core/exit-code.ts'
import { addNotes } from '../command-notes.ts'
import { addJsonOption, runs, type CommonOptions, type Invocation } from '../invocation.ts'
import type { Io } from '../io.ts'
import { parseStore } from './store-place.ts'

const STORE = 'the store: an SQLite file, or postgres://user@host:5432,host:5432/database'
const EXIT_CODES = [EXIT.ok, EXIT.failure, EXIT.badInput, EXIT.unreachable, EXIT.fileAccess]

type Work = typeof StoreWork

interface Step {
  readonly name: string
  readonly description: string
  /** Name and meaning of each. */
  readonly takes: readonly (readonly [string, string])[]
  readonly example: { readonly line: string; readonly meaning: string }
  /** What is said of what it gives. */
  readonly done: string
  readonly run: (work: Work, given: readonly string[], io: Io) => Promise<StoreContents>
}

const STEPS: readonly Step[] = [
  {
    name: 'check',
    description:
      'Read all of a store: every row has to verify, revisions have no holes and explain the resources',
    takes: [['<store>', STORE]],
    example: {
      line: 'fairlead store check /var/lib/fairlead/control.sqlite',
      meaning: 'what it holds, and its digest',
    },
    done: 'sound',
    run: ({ checkStore }, [store], io) => checkStore(addressOf(store, io)),
  },
  {
    name: 'migrate',
    description:
      'Bring the tables of a store to what this program knows; a control does it by itself when it starts, unless that would break older ones',
    takes: [['<store>', STORE]],
    example: {
      line: "fairlead store migrate 'postgres://fairlead@db1,db2/fairlead'",
      meaning: 'before the first control is upgraded',
    },
    done: 'migrated',
    run: ({ migrateStore }, [store], io) => migrateStore(addressOf(store, io)),
  },
  {
    name: 'backup',
    description: 'Write all of a store into a new file, as it is at one moment',
    takes: [
      ['<store>', STORE],
      ['<file>', 'a file that is not there yet; it holds hashes of tokens and sealed keys'],
    ],
    example: {
      line: 'fairlead store backup control.sqlite fairlead-2026-11-30.backup',
      meaning: 'while controls go on',
    },
    done: 'backed up',
    run: ({ backUpStore }, [store, file], io) => backUpStore(addressOf(store, io), absolute(file, io)),
  },
  {
    name: 'restore',
    description: 'Fill an empty store from a backup; all of it, verified by its digest, or nothing',
    takes: [
      ['<file>', 'what store backup wrote'],
      ['<store>', STORE],
    ],
    example: {
      line: 'fairlead store restore fairlead-2026-11-30.backup control.sqlite',
      meaning: 'then start a control on it',
    },
    done: 'restored',
    run: async ({ restoreStore }, [file, store], io) => {
      const contents = await restoreStore(absolute(file, io), addressOf(store, io))
      io.stderr.write(
        'all of it is as it was when the backup was taken: tokens and certificates that were revoked since, and join tokens that were used since, are good again. Look at token list, join-token list and certificates, and revoke them once more\n',
      )
      return contents
    },
  },
  {
    name: 'copy',
    description: 'Fill an empty store from another one, of whichever engine; verified by digest',
    takes: [
      ['<from>', STORE],
      ['<to>', 'an empty one'],
    ],
    example: {
      line: "fairlead store copy control.sqlite 'postgres://fairlead@db1,db2/fairlead'",
      meaning: 'from one machine to a cluster; the other way round as well',
    },
    done: 'copied',
    run: async ({ copyStore }, [from, to], io) => copyStore(addressOf(from, io), addressOf(to, io)),
  },
]

export function addStoreCommand(program: Command, io: Io): void {
  const store = program.command('store').description('Check, migrate, back up, restore and copy a store')
  for (const { name, description, takes, example, done, run } of STEPS) {
    const command = store.command(name).description(description)
    for (const [argument, meaning] of takes) command.argument(argument, meaning)
    addJsonOption(command).action(
      runs<CommonOptions>(io, async (invocation, ...given) => {
        const work = await import('../../adapters/sql/backup/store-work.ts')
        tell(invocation, done, await run(work, given, io))
      }),
    )
    addNotes(command, { examples: [example], exitCodes: EXIT_CODES })
  }
}

function addressOf(text: string | undefined, io: Io) {
  const parsed = parseStore(text ?? '', io)
  if (parsed.kind === 'faults') throw new CommandError(EXIT.badInput, parsed.faults.join('\n'))
  return parsed.address
}

function absolute(path: string | undefined, io: Io): string {
  return resolve(io.workingDirectory, path ?? '')
}

function tell(
  { options, print, printJson }: Invocation<CommonOptions>,
  what: string,
  { head, digest, rows }: StoreContents,
): void {
  if (options.json) printJson({ head, digest, rows })
  else {
    const counts = Object.entries(rows).map(([table, count]) => `${count} ${table.replaceAll('_', ' ')}`)
    print([`${what}: ${counts.join(', ')}; newest revision ${head}`, `digest ${digest}`])
  }
}
