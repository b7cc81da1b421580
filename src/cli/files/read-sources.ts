/**
 * Reads what `-f` names: files, folders (all YAML and JSON files below), '-' for standard input.
 * What must stay true: sizes are bounded before anything is parsed; the order does not depend on the file system.
 */
import { createReadStream, readdirSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { CommandError, EXIT } from '../../core/exit-code.ts'
import { reasonOf } from '../api/reason-of.ts'
import type { Io } from '../io.ts'
import type { Source } from './source.ts'

export const MAX_SOURCE_BYTES = 20 * 1024 * 1024
const MAX_FILES = 10_000
const EXTENSIONS = /\.(?:ya?ml|json)$/

/** Throws CommandError: EXIT.fileAccess with the path, or EXIT.badInput for what is no text or too long. */
export async function readSources(paths: readonly string[], io: Io): Promise<Source[]> {
  const sources: Source[] = []
  for (const path of unique(paths.flatMap((path) => (path === '-' ? path : filesBelow(path, io)))))
    sources.push(await readSource(path, io))
  return sources
}

async function readSource(path: string, io: Io): Promise<Source> {
  const name = path === '-' ? '<stdin>' : path
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    const stream: AsyncIterable<Uint8Array> =
      path === '-' ? io.stdin : createReadStream(resolve(io.workingDirectory, path))
    for await (const chunk of stream) {
      size += chunk.length
      if (size > MAX_SOURCE_BYTES)
        throw new CommandError(EXIT.badInput, `${name} is longer than ${MAX_SOURCE_BYTES / 1024 / 1024} MiB`)
      chunks.push(chunk)
    }
  } catch (cause) {
    if (cause instanceof CommandError) throw cause
    throw unreadable(name, cause)
  }
  return { name, text: decode(name, Buffer.concat(chunks)) }
}

function decode(name: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw new CommandError(EXIT.badInput, `${name} is not UTF-8 text`, { cause })
  }
}

/** The file itself, or the configuration files below the folder, in order of path; hidden ones are left out. */
function filesBelow(path: string, io: Io): string[] {
  try {
    if (!statSync(resolve(io.workingDirectory, path)).isDirectory()) return [path]
    const found = walk(path, io.workingDirectory).sort()
    if (found.length === 0)
      throw new CommandError(EXIT.badInput, `${path} holds no .yaml, .yml or .json file`)
    return found
  } catch (cause) {
    if (cause instanceof CommandError) throw cause
    throw unreadable(path, cause)
  }
}

/** Links to folders are not followed, so that a loop cannot hang this. */
function walk(folder: string, workingDirectory: string): string[] {
  const found: string[] = []
  const pending = [folder]
  for (let next = pending.pop(); next !== undefined; next = pending.pop())
    for (const entry of readdirSync(resolve(workingDirectory, next), { withFileTypes: true })) {
      if (entry.name.startsWith('.')) continue
      if (entry.isDirectory()) pending.push(join(next, entry.name))
      else if (EXTENSIONS.test(entry.name)) found.push(join(next, entry.name))
      if (found.length > MAX_FILES)
        throw new CommandError(EXIT.badInput, `${folder} holds more than ${MAX_FILES} configuration files`)
    }
  return found
}

function unreadable(name: string, cause: unknown): CommandError {
  return new CommandError(EXIT.fileAccess, `cannot read ${name}: ${reasonOf(cause)}`, { cause })
}

function unique(paths: readonly string[]): string[] {
  return [...new Set(paths)]
}
