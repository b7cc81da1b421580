/**
 * The files that LUA records call: the library, client maps, and choices that are too long for a record. Named by the digest of
 * what is in them, so that a name never means two things.
 * What must stay true: a file is there, whole, before a record that names it is committed; one that a record may still name is
 * never removed.
 */
import { createHash } from 'node:crypto'
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { SubnetTrust } from '../lua/lua-prefix.ts'
import { luaLibrary } from './lua-library.ts'
import { luaString } from '../lua/lua-string.ts'

export interface LuaFilesOptions {
  /** Absolute; made when it is first needed. */
  readonly directory: string
  /** Of files; folders get the search bits beside. */
  readonly mode: 0o600 | 0o640
}

/** The server may have read a record just before it was replaced, and runs it a moment later. */
const GRACE_MS = 60_000
const NAME = /F[0-9a-f]{16}/g
/** So much text is looked through before others have their turn: less than a millisecond. */
const TURN_LENGTH = 65_536

export class LuaFiles {
  readonly #options: LuaFilesOptions
  /** By what they were made of. */
  readonly #names = new WeakMap<object, string>()
  /** Text by name, of those that are not known to be on the disk yet. */
  readonly #pending = new Map<string, string>()
  readonly #written = new Set<string>()
  /** Monotonic ms since when nothing names a file. */
  readonly #unused = new Map<string, number>()
  /** Of the file that is being removed. Never rejects. */
  #removing: Promise<unknown> = Promise.resolve()

  constructor(options: LuaFilesOptions) {
    this.#options = options
  }

  /** An expression that is the library. */
  library(trust: SubnetTrust): string {
    const directory = `${this.#options.directory}/`
    const text = (global: string) => luaLibrary({ global, from: { directory }, trust })
    const name = this.#keep(typeof trust === 'string' ? ALL : trust, {
      name: () => nameOf(text('F')),
      text,
    })
    return `(${name} or dofile(${luaString(`${directory}${name}.lua`)}))`
  }

  /** Keeps what `make` gives under a name of its own, which is the result. Of the same `source` it is made once. */
  keep(source: object, make: () => string): string {
    return this.#keep(source, { name: () => nameOf(make()), text: make })
  }

  #keep(source: object, made: { name(): string; text(name: string): string }): string {
    const name = this.#names.get(source) ?? made.name()
    this.#names.set(source, name)
    this.#unused.delete(name)
    if (!this.#written.has(name) && !this.#pending.has(name)) this.#pending.set(name, made.text(name))
    return name
  }

  /** Writes what was asked for since the last time. Rejects with what the file system says. */
  async flush(): Promise<void> {
    if (this.#pending.size === 0) return
    // It may be one of these.
    await this.#removing
    const { directory, mode } = this.#options
    await mkdir(directory, { recursive: true, mode: mode === 0o600 ? 0o700 : 0o750 })
    for (const [name, text] of this.#pending) {
      const path = join(directory, `${name}.lua`)
      await writeFile(`${path}.new`, text, { mode })
      await rename(`${path}.new`, path)
      this.#pending.delete(name)
      this.#written.add(name)
    }
  }

  /**
   * Removes what none of `texts`, the contents of all records, has named for a while. They may change meanwhile, for it lets others
   * work in between: what is kept while it looks is not removed.
   */
  async sweep(texts: Iterable<string>, nowMs: number): Promise<void> {
    const { directory } = this.#options
    if ((await stat(directory).catch(() => null)) === null) return
    const named = await namedIn(texts)
    for (const file of await readdir(directory)) {
      const name = file.replace(/\.lua(?:\.new)?$/, '')
      if (named.has(name)) this.#unused.delete(name)
      else if (!this.#unused.has(name)) this.#unused.set(name, nowMs)
      else if (nowMs - (this.#unused.get(name) ?? nowMs) >= GRACE_MS) {
        this.#written.delete(name)
        this.#unused.delete(name)
        const removal = rm(join(directory, file), { force: true })
        this.#removing = removal.catch(() => undefined)
        await removal
      }
    }
  }
}

async function namedIn(texts: Iterable<string>): Promise<ReadonlySet<string>> {
  const named = new Set<string>()
  let length = 0
  for (const text of texts) {
    for (const [name] of text.matchAll(NAME)) named.add(name)
    length += text.length
    if (length < TURN_LENGTH) continue
    length = 0
    await nextTurn()
  }
  return named
}

/** Stands for the trust of everybody, as the key of a weak map. */
const ALL = {}

function nameOf(text: string): string {
  return `F${createHash('sha256').update(text).digest('hex').slice(0, 16)}`
}
