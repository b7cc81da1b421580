/**
 * Checks, backups, restores and copies of stores by their addresses.
 * What must stay true: a file that is there is never written over, and one that was not finished is not left; what fails is said
 * in words of the operator, with the exit code of the command.
 */
import { once } from 'node:events'
import { createReadStream, existsSync } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { PassThrough } from 'node:stream'
import type { Kysely } from 'kysely'
import { CommandError, EXIT, type ExitCode } from '../../../core/exit-code.ts'
import { DatabaseError, type DatabaseErrorCode } from '../database-error.ts'
import { openExistingDatabase, openStoreDatabase } from '../open-store.ts'
import { placeOfStore, type StoreAddress } from '../store-address.ts'
import type { StoreSchema } from '../store-schema.ts'
import { fileFault } from './file-fault.ts'
import { intoNewFile } from './into-new-file.ts'
import { verifyContents } from './verify-contents.ts'
import { backUp, contentsOf, contentsOfBackup, restore, type StoreContents } from './store-backup.ts'

/** Throws CommandError: what does not verify is named. */
export function checkStore(address: StoreAddress): Promise<StoreContents> {
  return withDatabase(address, async (database) => {
    await verifyContents(database)
    return contentsOf(database)
  })
}

/** Brings its tables to what this program knows, whatever that breaks. */
export function migrateStore(address: StoreAddress): Promise<StoreContents> {
  return during(() => openExistingDatabase(address, 'apply'), contentsOf)
}

/** `path` is absolute, and nothing is there. */
export async function backUpStore(address: StoreAddress, path: string): Promise<StoreContents> {
  return inWords(
    () =>
      intoNewFile(path, async (unfinished) => {
        const file = await open(unfinished, 'wx', 0o600)
        try {
          const contents = await withDatabase(address, (database) => backUp(database, linesInto(file)))
          await file.sync()
          return contents
        } finally {
          await file.close()
        }
      }),
    path,
  )
}

export function restoreStore(path: string, address: StoreAddress): Promise<StoreContents> {
  return inWords(async () => {
    // All of it, before a store is made or touched for it.
    await contentsOfBackup(linesFrom(path))
    return withNewDatabase(address, (database) => restore(database, () => linesFrom(path)))
  })
}

async function* linesFrom(path: string): AsyncGenerator<string> {
  try {
    yield* createInterface({ input: createReadStream(path, 'utf8'), crlfDelay: Infinity })
  } catch (error) {
    throw fileFault(error, path) ?? error
  }
}

/** Through no file: a page at a time from one to the other. */
export function copyStore(from: StoreAddress, to: StoreAddress): Promise<StoreContents> {
  if (placeOfStore(from) === placeOfStore(to))
    throw new CommandError(EXIT.badInput, `${placeOfStore(to)} cannot be copied into itself`)
  return withDatabase(from, (source) =>
    withNewDatabase(to, (target) => restore(target, () => linesOf(source))),
  )
}

/** Beyond so many bytes they are written. */
const BUFFER_BYTES = 262_144

function linesInto(file: FileHandle) {
  let buffered: string[] = []
  let bytes = 0
  const flush = async () => {
    await file.appendFile(buffered.join(''))
    buffered = []
    bytes = 0
  }
  return {
    emit: async (line: string) => {
      buffered.push(`${line}\n`)
      bytes += line.length
      // The last one has no successor that would write it: it alone is an object with a digest.
      if (bytes > BUFFER_BYTES || line.startsWith('{"digest"')) await flush()
    },
    restart: async () => {
      buffered = []
      bytes = 0
      await file.truncate(0)
    },
  }
}

/** The lines of a backup as they are made, no faster than they are read. */
function linesOf(database: Kysely<StoreSchema>): AsyncIterable<string> {
  const lines = new PassThrough({ objectMode: true, highWaterMark: 1_000 })
  const over = new AbortController()
  lines.on('close', () => {
    over.abort()
  })
  let count = 0
  backUp(database, {
    emit: async (line) => {
      count += 1
      if (!lines.write(line)) await once(lines, 'drain', { signal: over.signal })
    },
    restart: () =>
      count === 0
        ? Promise.resolve()
        : Promise.reject(
            new DatabaseError('io', 'the connection to the store that is copied broke: try again'),
          ),
  }).then(
    () => lines.end(),
    (error: unknown) => lines.destroy(error instanceof Error ? error : new Error(String(error))),
  )
  return lines
}

type Work<T> = (database: Kysely<StoreSchema>) => Promise<T>

/** It has to be there. */
function withDatabase<T>(address: StoreAddress, work: Work<T>): Promise<T> {
  return during(() => openExistingDatabase(address), work)
}

/** It is made if it is not there; a file only when the work was done. */
function withNewDatabase<T>(address: StoreAddress, work: Work<T>): Promise<T> {
  if (address.kind !== 'sqlite' || existsSync(address.path))
    return during(() => openStoreDatabase(address), work)
  return inWords(() =>
    intoNewFile(address.path, async (path) => {
      const done = await during(() => openStoreDatabase({ kind: 'sqlite', path }), work)
      // SQLite says nothing when its last connection could not write all of the log into the file.
      if (existsSync(`${path}-wal`))
        throw new DatabaseError('io', `the new store ${address.path} could not be finished: look at its disk`)
      return done
    }),
  )
}

function during<T>(open: () => Promise<Kysely<StoreSchema>>, work: Work<T>): Promise<T> {
  return inWords(async () => {
    const database = await open()
    try {
      return await work(database)
    } finally {
      await database.destroy()
    }
  })
}

const EXIT_OF: Partial<Record<DatabaseErrorCode, ExitCode>> = {
  ...{ lost: EXIT.unreachable, constraint: EXIT.badInput, defect: EXIT.failure, unknown: EXIT.failure },
}

/** `path`: the file that it is about, where one was named. */
async function inWords<T>(work: () => Promise<T>, path?: string): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof DatabaseError)
      throw new CommandError(EXIT_OF[error.code] ?? EXIT.fileAccess, error.message, { cause: error })
    throw fileFault(error, path) ?? error
  }
}
