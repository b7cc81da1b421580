/**
 * The registers of one checker, as flat arrays by endpoint number: a byte for the state, a number for the definition.
 * What must stay true: after a restart nothing of the old incarnation is a register any more; what it last said is kept apart,
 * as last words, which only ever stand against a vote (SPEC.md, V1).
 */
import type { EndpointKey } from '../model/resource.ts'
import type { EndpointIndex } from './endpoint-index.ts'
import type { ProbeOutput, ReportedRegister } from './frame.ts'
import type { RegisterState } from './register.ts'

/** 0: nothing was said. */
export const CODE_OF: Readonly<Record<RegisterState, number>> = { unknown: 1, up: 2, suspect: 3, down: 4 }
const STATES: readonly (RegisterState | undefined)[] = [undefined, 'unknown', 'up', 'suspect', 'down']
export const STATE_BITS = 7
export const DEGRADED_BIT = 8

export function stateOfCode(code: number): RegisterState | undefined {
  return STATES[code & STATE_BITS]
}

/** Up, suspect or down: a state that is an opinion. */
export function isKnown(code: number): boolean {
  return (code & STATE_BITS) >= CODE_OF.up
}

export interface LastWords {
  readonly codes: Uint8Array
  readonly definitions: Uint32Array
  /** Monotonic ms of the reader at which they were last heard as registers. */
  readonly atMs: number
}

export class RegisterTable implements Iterable<[EndpointKey, ReportedRegister]> {
  codes = new Uint8Array(0)
  definitions = new Uint32Array(0)
  words: LastWords | null = null
  readonly #index: EndpointIndex
  readonly #definitionOf: (number: number) => string
  readonly #outputs: Map<number, readonly ProbeOutput[]> | null
  #size = 0

  constructor(
    index: EndpointIndex,
    about: { readonly definitionOf: (number: number) => string; readonly keepsOutput: boolean },
  ) {
    this.#index = index
    this.#definitionOf = about.definitionOf
    this.#outputs = about.keepsOutput ? new Map() : null
  }

  get size(): number {
    return this.#size
  }

  get(endpoint: EndpointKey): ReportedRegister | undefined {
    const number = this.#index.numberOf(endpoint)
    return number === undefined ? undefined : this.#registerAt(number, endpoint)
  }

  *[Symbol.iterator](): Iterator<[EndpointKey, ReportedRegister]> {
    for (const [number, code] of this.codes.entries()) {
      if (code === 0) continue
      const endpoint = this.#index.keyOf(number)
      const register = this.#registerAt(number, endpoint)
      if (register !== undefined) yield [endpoint, register]
    }
  }

  /** True when it says anything of the endpoint, or said it before its restart. */
  mentions(number: number): boolean {
    return (this.codes[number] ?? 0) !== 0 || (this.words?.codes[number] ?? 0) !== 0
  }

  /** True when state, degraded or definition is another than before. */
  set(number: number, register: ReportedRegister, definition: number): boolean {
    if (number >= this.codes.length) this.#grow(number + 1)
    const code = CODE_OF[register.state] | (register.degraded ? DEGRADED_BIT : 0)
    const before = this.codes[number]
    if (before === 0) this.#size += 1
    const isSame = before === code && this.definitions[number] === definition
    this.codes[number] = code
    this.definitions[number] = definition
    this.#outputs?.set(number, register.output)
    return !isSame
  }

  /** Forgets all registers and gives back what they were, for comparison. */
  clear(): { readonly codes: Uint8Array; readonly definitions: Uint32Array } {
    const { codes, definitions } = this
    this.codes = new Uint8Array(codes.length)
    this.definitions = new Uint32Array(definitions.length)
    this.#outputs?.clear()
    this.#size = 0
    return { codes, definitions }
  }

  /** Keeps what is known as last words, heard at `atMs`, where it was known; older ones stand behind it. Call before `clear`. */
  rememberWords(atMs: number): void {
    const codes = this.codes.slice()
    const definitions = this.definitions.slice()
    let oldestMs = atMs
    for (const [number, code] of codes.entries()) {
      if (isKnown(code)) continue
      codes[number] = this.words?.codes[number] ?? 0
      definitions[number] = this.words?.definitions[number] ?? 0
      if (codes[number] !== 0) oldestMs = Math.min(oldestMs, this.words?.atMs ?? atMs)
    }
    this.words = { codes, definitions, atMs: oldestMs }
  }

  /** Each definition's number becomes what `numberOf` says. */
  renumberDefinitions(numberOf: (definition: number) => number): void {
    for (const definitions of [this.definitions, this.words?.definitions ?? []])
      for (const [number, definition] of definitions.entries())
        if (definition !== 0) definitions[number] = numberOf(definition)
  }

  #registerAt(number: number, endpoint: EndpointKey): ReportedRegister | undefined {
    const code = this.codes[number] ?? 0
    const state = stateOfCode(code)
    if (state === undefined) return undefined
    return {
      endpoint,
      state,
      degraded: (code & DEGRADED_BIT) !== 0,
      definition: this.#definitionOf(this.definitions[number] ?? 0),
      output: this.#outputs?.get(number) ?? [],
    }
  }

  #grow(least: number): void {
    const length = Math.max(least, 2 * this.codes.length, 64)
    const codes = new Uint8Array(length)
    const definitions = new Uint32Array(length)
    codes.set(this.codes)
    definitions.set(this.definitions)
    this.codes = codes
    this.definitions = definitions
  }
}
