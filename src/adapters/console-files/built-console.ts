/**
 * The files that `npm run build` made of web/, read once, when the control starts.
 * What must stay true: a request only looks up what was read then, and never reaches the disk: no path leads out of the folder, and an
 * upgrade of the folder while the control runs gives nobody a page of another version than the control's.
 */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, extname, join, relative, sep } from 'node:path'
import type { ConsoleFile, ConsoleFiles } from '../../ports/console-files.ts'

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
}

const SOURCE = 'built-console.ts'

export class BuiltConsole implements ConsoleFiles {
  readonly #files: ReadonlyMap<string, ConsoleFile> | null

  constructor(folder = BuiltConsole.folderOf(import.meta.filename)) {
    this.#files = filesIn(folder)
  }

  /** Of a program whose code is in that file: beside the bundle, and nowhere else; where the sources run, where the build puts it. */
  static folderOf(file: string): string {
    return join(dirname(file), basename(file) === SOURCE ? '../../../dist/console' : 'console')
  }

  get isBuilt(): boolean {
    return this.#files !== null
  }

  find(path: string): ConsoleFile | null {
    return this.#files?.get(path) ?? null
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
