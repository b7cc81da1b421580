/**
 * From zod's issues to faults: every place once, in words for the person who wrote the input, whoever reads it (API, file, CLI).
 * What must stay true: of a union only the branch that was meant is reported, so that one mistake is one fault; what was
 * written is echoed only clipped and printable, values never: they may be secrets.
 */
import { closest, distance } from 'fastest-levenshtein'
import type { z } from 'zod'
import { pointerTo, type Fault } from './fault.ts'
import { keysAt } from './schema-keys.ts'

type Issue = z.core.$ZodIssue

/** `schema` is what the input was parsed with: with it an unknown field comes with the known one that it resembles. */
export function faultsOfZodError(error: z.ZodError, schema?: z.ZodType): Fault[] {
  const faults = error.issues.flatMap((issue) => faultsOfIssue(issue, [], schema))
  const seen = new Set<string>()
  return faults.filter((fault) => {
    const id = `${fault.pointer}\n${fault.message}`
    return !seen.has(id) && seen.add(id)
  })
}

/** The one of `known` that `word` was probably meant to be: ", did you mean 'x'?", or ''. */
export function didYouMean(word: string, known: readonly string[]): string {
  if (known.length === 0) return ''
  const best = closest(word.toLowerCase(), known)
  // Two, so that a transposition counts as near; one in a very short word.
  const allowed = Math.max(best.length > 3 ? 2 : 1, Math.floor(best.length / 3))
  const near = distance(word.toLowerCase(), best.toLowerCase()) <= allowed
  return near ? `, did you mean '${best}'?` : ''
}

function faultsOfIssue(issue: Issue, base: readonly PropertyKey[], schema: z.ZodType | undefined): Fault[] {
  const path = [...base, ...issue.path]
  const fault = (message: string): Fault[] => [{ pointer: pointerTo('', ...path), message }]
  switch (issue.code) {
    case 'unrecognized_keys': {
      const known = schema === undefined ? [] : keysAt(schema, path)
      return issue.keys.map((key) => ({
        pointer: pointerTo('', ...path, key),
        message: `unknown field '${printable(key)}'${didYouMean(key, known) || expectedFields(known)}`,
      }))
    }
    case 'invalid_union':
      return faultsOfUnion(issue, path, schema)
    case 'invalid_type':
      return fault(typeMessage(issue))
    case 'invalid_value':
      return fault(isDefault(issue) ? `${alternatives(issue.values)} is expected` : issue.message)
    case 'invalid_key': {
      const inner = issue.issues.map((one) => one.message).join('; ')
      return fault(inner === '' ? issue.message : inner)
    }
    case 'custom':
    case 'too_big':
    case 'too_small':
    case 'invalid_format':
    case 'invalid_element':
    case 'not_multiple_of':
      return fault(
        isDefault(issue) ? lowered(issue.message.replace(/^(?:Invalid|Too \w+): /, '')) : issue.message,
      )
  }
}

function faultsOfUnion(
  issue: Extract<Issue, { code: 'invalid_union' }>,
  path: readonly PropertyKey[],
  schema: z.ZodType | undefined,
): Fault[] {
  const branch = branchMeant(issue.errors)
  if (branch !== null) return branch.flatMap((inner) => faultsOfIssue(inner, path, schema))
  const { discriminator, options } = issue as { discriminator?: string; options?: readonly unknown[] }
  if (discriminator !== undefined)
    return [
      {
        pointer: pointerTo('', ...path),
        message: `${options === undefined ? 'another value' : alternatives(options)} is expected`,
      },
    ]
  const expected = issue.errors
    .flat()
    .map((inner) => (inner.code === 'invalid_type' ? noun(inner.expected) : ''))
  const words = [...new Set(expected.filter((word) => word !== ''))]
  const message = words.length > 0 ? `${words.join(' or ')} is expected` : lowered(issue.message)
  return [{ pointer: pointerTo('', ...path), message }]
}

/** The branch of the union that the writer meant: one whose fixed fields and type fit, and of these the one that fits best. */
function branchMeant(branches: readonly (readonly Issue[])[]): readonly Issue[] | null {
  const candidates = branches.filter(
    (issues) =>
      issues.length > 0 && !issues.some((issue) => issue.code === 'invalid_type' && issue.path.length === 0),
  )
  const cost = (issues: readonly Issue[]) =>
    issues.length + (issues.some((issue) => isOtherKind(issue)) ? 1_000 : 0)
  return candidates.reduce<readonly Issue[] | null>(
    (best, issues) => (best === null || cost(issues) < cost(best) ? issues : best),
    null,
  )
}

/** A fixed field of the branch itself has another value: the writer meant another branch. */
function isOtherKind(issue: Issue): boolean {
  if (issue.code === 'invalid_value') return issue.path.length === 1 && issue.values.length === 1
  return issue.code === 'invalid_union' && issue.path.length <= 1 && issue.errors.length === 0
}

function typeMessage(issue: Extract<Issue, { code: 'invalid_type' }>): string {
  if (!isDefault(issue)) return issue.message
  const received = /received (\w+)/.exec(issue.message)?.[1]
  if (received === 'undefined') return `missing: ${noun(issue.expected)} is expected`
  return `${noun(issue.expected)} is expected${received === undefined ? '' : `, not ${noun(received)}`}`
}

/** True when the message is zod's own and not one that a schema of ours gave. */
function isDefault(issue: Issue): boolean {
  return /^(?:Invalid|Too (?:big|small)|Unrecognized)/.test(issue.message)
}

const NOUNS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a set of fields',
  record: 'a set of fields',
  null: 'null',
  undefined: 'nothing',
}

function noun(type: string): string {
  return NOUNS[type] ?? type
}

function alternatives(values: readonly unknown[]): string {
  const words = values.map((value) => `'${String(value)}'`)
  return words.length > 1 ? `one of ${words.join(', ')}` : (words[0] ?? 'another value')
}

function expectedFields(known: readonly string[]): string {
  return known.length === 0 ? '' : ` (known here: ${known.join(', ')})`
}

function lowered(message: string): string {
  return message.charAt(0).toLowerCase() + message.slice(1)
}

function printable(text: string): string {
  const clean = text.replaceAll(/[^\x20-\x7e\u00a1-\uffff]/g, '?')
  return clean.length > 60 ? `${clean.slice(0, 57)}...` : clean
}
