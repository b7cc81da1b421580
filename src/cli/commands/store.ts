/**
 * `fairlead store`: what an operator does to a store itself, whatever engine it stands on.
 * What must stay true: nothing here needs a control, and a control at work on the store is not disturbed; a file or a store that
 * is there is never written over.
 */
import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { StoreContents } from '../../adapters/sql/backup/store-backup.ts'
import { CommandError, EXIT } from '../../core/exit-code.ts'
import { addNotes } from '../command-notes.ts'
import { addJsonOption, runs, type CommonOptions, type Invocation } from '../invocation.ts'
import type { Io } from '../io.ts'
import { parseStore } from './store-place.ts'

const STORE = 'the store: an SQLite file, or postgres://user@host:5432,host:5432/database'
const EXIT_CODES = [EXIT.ok, EXIT.failure, EXIT.badInput, EXIT.unreachable, EXIT.fileAccess]

export function addStoreCommand(program: Command, io: Io): void {
  const store = program.command('store').description('Check, migrate, back up, restore and copy a store')
  addCheck(store, io)
  addMigrate(store, io)
  addBackup(store, io)
  addRestore(store, io)
  addCopy(store, io)
}

function addCheck(store: Command, io: Io): void {
  const command = store
    .command('check')
    .description(
      'Read all of a store: every row has to verify, revisions have no holes and explain the resources',
    )
    .argument('<store>', STORE)
  addJsonOption(command).action(
    runs<CommonOptions>(io, async (invocation, place) => {
      const { checkStore } = await import('../../adapters/sql/backup/store-work.ts')
      tell(invocation, 'sound', await checkStore(addressOf(place, io)))
    }),
  )
  addNotes(command, {
    examples: [
      {
        line: 'fairlead store check /var/lib/fairlead/control.sqlite',
        meaning: 'what it holds, and its digest',
      },
    ],
    exitCodes: EXIT_CODES,
  })
}

function addMigrate(store: Command, io: Io): void {
  const command = store
    .command('migrate')
    .description(
      'Bring the tables of a store to what this program knows; a control does it by itself when it starts',
    )
    .argument('<store>', STORE)
  addJsonOption(command).action(
    runs<CommonOptions>(io, async (invocation, place) => {
      const { contentsOfStore } = await import('../../adapters/sql/backup/store-work.ts')
      tell(invocation, 'migrated', await contentsOfStore(addressOf(place, io)))
    }),
  )
  addNotes(command, {
    examples: [
      {
        line: "fairlead store migrate 'postgres://fairlead@db1,db2/fairlead'",
        meaning: 'before the first control is upgraded',
      },
    ],
    exitCodes: EXIT_CODES,
  })
}

function addBackup(store: Command, io: Io): void {
  const command = store
    .command('backup')
    .description('Write all of a store into a new file, as it is at one moment')
    .argument('<store>', STORE)
    .argument('<file>', 'a file that is not there yet; it holds hashes of tokens and sealed keys')
  addJsonOption(command).action(
    runs<CommonOptions>(io, async (invocation, place, file) => {
      const { backUpStore } = await import('../../adapters/sql/backup/store-work.ts')
      tell(invocation, 'backed up', await backUpStore(addressOf(place, io), absolute(file, io)))
    }),
  )
  addNotes(command, {
    examples: [
      {
        line: 'fairlead store backup control.sqlite fairlead-2026-11-30.backup',
        meaning: 'while controls go on',
      },
    ],
    exitCodes: EXIT_CODES,
  })
}

function addRestore(store: Command, io: Io): void {
  const command = store
    .command('restore')
    .description('Fill an empty store from a backup; all of it, verified by its digest, or nothing')
    .argument('<file>', 'what store backup wrote')
    .argument('<store>', STORE)
  addJsonOption(command).action(
    runs<CommonOptions>(io, async (invocation, file, place) => {
      const { restoreStore } = await import('../../adapters/sql/backup/store-work.ts')
      tell(invocation, 'restored', await restoreStore(absolute(file, io), addressOf(place, io)))
    }),
  )
  addNotes(command, {
    examples: [
      {
        line: 'fairlead store restore fairlead-2026-11-30.backup control.sqlite',
        meaning: 'then start a control on it',
      },
    ],
    exitCodes: EXIT_CODES,
  })
}

function addCopy(store: Command, io: Io): void {
  const command = store
    .command('copy')
    .description('Fill an empty store from another one, of whichever engine; verified by digest')
    .argument('<from>', STORE)
    .argument('<to>', 'an empty one')
  addJsonOption(command).action(
    runs<CommonOptions>(io, async (invocation, from, to) => {
      const { copyStore } = await import('../../adapters/sql/backup/store-work.ts')
      tell(invocation, 'copied', await copyStore(addressOf(from, io), addressOf(to, io)))
    }),
  )
  addNotes(command, {
    examples: [
      {
        line: "fairlead store copy control.sqlite 'postgres://fairlead@db1,db2/fairlead'",
        meaning: 'from one machine to a cluster; the other way round as well',
      },
    ],
    exitCodes: EXIT_CODES,
  })
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
    const counts = Object.entries(rows).map(([table, count]) => `${count} ${table}`)
    print([`${what}: ${counts.join(', ')}; newest revision ${head}`, `digest ${digest}`])
  }
}
