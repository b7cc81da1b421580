/**
 * What LUA records call, as LUA records of the same zone: for servers that have no agent beside them and share nothing but a
 * database. PowerDNS's `include` runs a record of the zone, once for each thread, because what it sets is global.
 * What must stay true: a text is in the zone by the transaction that writes the first record that names it; one that a record may
 * still name is never removed; a text holds nothing that its record's quotes could end at.
 */
import { createHash } from 'node:crypto'
import type { SubnetTrust } from '../lua/lua-prefix.ts'
import { luaLibrary } from './lua-library.ts'
import type { LuaPlace, LuaTexts } from './lua-text.ts'

/** Below each zone that needs one. */
const LABEL = '_fairlead'
const NAME = /F[0-9a-f]{16}/g
/** What a row of PowerDNS's schema holds is 65,535 characters. */
const MAX_TEXT = 60_000
/** Caches of the servers may hold a record that names it for a moment yet. */
const GRACE_MS = 60_000

export class LuaRecords implements LuaPlace, LuaTexts {
  readonly #monotonicMs: () => number
  /** By what they were made of. */
  readonly #names = new WeakMap<object, string>()
  readonly #texts = new Map<string, string>()
  /** Owner name to the monotonic ms since when nothing names it. */
  readonly #unused = new Map<string, number>()

  constructor(monotonicMs: () => number) {
    this.#monotonicMs = monotonicMs
  }

  library(trust: SubnetTrust): string {
    const text = (global: string) => luaLibrary({ global, from: { label: LABEL }, trust })
    const source = typeof trust === 'string' ? ALL : trust
    const name = this.#names.get(source) ?? nameOf(text('F'))
    this.#keep(source, name, () => inOneLine(text(name)))
    return `(${name} or (function() include('${name.toLowerCase()}.${LABEL}') return ${name} end)())`
  }

  keep(source: object, make: () => string): string {
    const name = this.#names.get(source) ?? nameOf(make())
    this.#keep(source, name, () => `${name} = (function() ${make()} end)()`)
    return name
  }

  needed(zone: string, contents: Iterable<string>): ReadonlyMap<string, string> {
    const owners = new Map<string, string>()
    const look = (text: string) => {
      for (const [name] of text.matchAll(NAME)) {
        const kept = this.#texts.get(name)
        const owner = `${name.toLowerCase()}.${LABEL}.${zone}`
        if (kept === undefined || owners.has(owner)) continue
        owners.set(owner, kept)
        this.#unused.delete(owner)
        look(kept)
      }
    }
    for (const content of contents) look(content)
    return owners
  }

  isUnused(owner: string, zone: string): boolean | null {
    if (!owner.endsWith(`.${LABEL}.${zone}`)) return null
    const nowMs = this.#monotonicMs()
    const sinceMs = this.#unused.get(owner) ?? nowMs
    this.#unused.set(owner, sinceMs)
    if (nowMs - sinceMs < GRACE_MS) return false
    this.#unused.delete(owner)
    return true
  }

  #keep(source: object, name: string, text: () => string): void {
    this.#names.set(source, name)
    if (this.#texts.has(name)) return
    const made = text()
    if (made.length > MAX_TEXT || made.includes('"'))
      throw new TypeError(
        `what a choice by client needs is ${made.length} characters long: in native mode ${MAX_TEXT} fit into a record`,
      )
    this.#texts.set(name, made)
  }
}

/** Stands for the trust of everybody, as the key of a weak map. */
const ALL = {}

function nameOf(text: string): string {
  return `F${createHash('sha256').update(text).digest('hex').slice(0, 16)}`
}

function inOneLine(lua: string): string {
  const lines = lua.split('\n').map((line) => line.trim())
  return lines.filter((line) => line !== '' && !line.startsWith('--')).join(' ')
}
