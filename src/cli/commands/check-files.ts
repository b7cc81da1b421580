/**
 * Files for apply and diff: read, and checked by the server too where they have faults of their own, so that all faults are told
 * at once. What must stay true: nothing of files with faults is ever applied.
 */
import type { ApiClient } from '../api/api-client.ts'
import { InputFaultsError } from '../files/input-faults-error.ts'
import {
  inOrder,
  readFiles,
  type LoadedFiles,
  type LoadOptions,
  type ReadFiles,
} from '../files/load-files.ts'
import type { LocatedFault } from '../files/source.ts'
import { wordOf } from '../../core/model/local-fault.ts'
import type { Io } from '../io.ts'
import { sendFiles } from './change-request.ts'

const ONLY_CHECK = { dryRun: true, prune: false, force: true, message: '' }

/** Throws InputFaultsError with every fault, or CommandError for what cannot be read at all. */
export async function checkFiles(
  paths: readonly string[],
  { io, connect }: { readonly io: Io; readonly connect: () => ApiClient },
  options: LoadOptions,
): Promise<LoadedFiles> {
  const read = await readFiles(paths, io, options)
  const { files, faults } = read
  if (faults.length === 0) return files
  const more = options.selfContained ? [] : await faultsByServer(connect, read)
  throw new InputFaultsError(inOrder([...faults, ...more], files.sources))
}

/** What the server finds wrong with the part that can be used; nothing where it cannot be asked: the files are to be mended anyway. */
async function faultsByServer(
  connect: () => ApiClient,
  { files, unusable }: ReadFiles,
): Promise<readonly LocatedFault[]> {
  try {
    await sendFiles(connect(), files, ONLY_CHECK)
    return []
  } catch (error) {
    if (!(error instanceof InputFaultsError)) return []
    // A reference to something that is there but faulty is no second fault.
    const absent = unusable.map(({ kind, name }) => `there is no ${wordOf(kind)} '${name}'`)
    return error.faults.filter(({ message }) => !absent.some((words) => message.startsWith(words)))
  }
}
