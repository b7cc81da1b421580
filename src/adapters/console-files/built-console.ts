/**
 * The files that `npm run build` made of web/, read once, at the first request for one.
 * What must stay true: a request only looks up what was read then, and never reaches the disk: no path leads out of the folder, and an
 * upgrade of the folder does not mix the files of two versions.
 */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { extname, join, relative, sep } from 'node:path'
import type { ConsoleFile, ConsoleFiles } from '../../ports/console-files.ts'

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/** Beside the bundle; or, where the sources run, where the build puts them. */
const FOLDERS = ['console', '../../../dist/console'].map((path) => join(import.meta.dirname, path))

export class BuiltConsole implements ConsoleFiles {
  readonly #folders: readonly string[]
  #files: ReadonlyMap<string, ConsoleFile> | null = null

  constructor(folders: readonly string[] = FOLDERS) {
    this.#folders = folders
  }

  get isBuilt(): boolean {
    return this.#read() !== null
  }

  find(path: string): ConsoleFile | null {
    return this.#read()?.get(path) ?? null
  }

  /** Tried again with each request until it was built. */
  #read(): ReadonlyMap<string, ConsoleFile> | null {
    this.#files ??= this.#folders.reduce<ReadonlyMap<string, ConsoleFile> | null>(
      (found, folder) => found ?? filesIn(folder),
      null,
    )
    return this.#files
  }
}

/** null: it is not there, or not whole. */
function filesIn(folder: string): ReadonlyMap<string, ConsoleFile> | null {
  const names = listed(folder)
  if (!names.includes('index.html')) return null
  return new Map(names.map((name) => [name, fileOf(readFileSync(join(folder, name)), name)]))
}

function listed(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => relative(folder, join(parentPath, name)).split(sep).join('/'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

function fileOf(body: Buffer, name: string): ConsoleFile {
  const digest = createHash('sha256').update(body).digest('base64url').slice(0, 22)
  return {
    body,
    mediaType: MEDIA_TYPES[extname(name)] ?? 'application/octet-stream',
    etag: `"${digest}"`,
    isHashed: name.startsWith('assets/'),
  }
}
