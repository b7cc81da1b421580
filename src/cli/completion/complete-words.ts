/**
 * What may stand at the end of a command line, from the tree of commands itself, so that it can never be out of date.
 * What must stay true: it never fails and never waits long; where it knows nothing, it says nothing.
 */
import type { Command, Option } from 'commander'
import { KIND_WORDS } from '../resource-word.ts'

export interface CompletionCandidate {
  readonly value: string
  readonly meaning: string
}

export type Completion =
  | { readonly kind: 'files' }
  | { readonly kind: 'words'; readonly candidates: readonly CompletionCandidate[] }
  /** Names that only the server knows: `kind` is a word as `get` takes it. */
  | { readonly kind: 'names'; readonly resource: string; readonly typed: string }

/** `words` come after 'fairlead'; the last one is being typed and may be ''. */
export function completeWords(program: Command, words: readonly string[]): Completion {
  const typed = words.at(-1) ?? ''
  const { command, positionals, pending } = walk(program, words.slice(0, -1))
  if (pending !== null) return completeValue(pending, typed)
  if (typed.startsWith('-'))
    return matching(typed, command.createHelp().visibleOptions(command).flatMap(optionCandidate))
  const subcommands = command.createHelp().visibleCommands(command)
  if (command.commands.length > 0 && positionals.length === 0)
    return matching(
      typed,
      subcommands.map((sub) => ({ value: sub.name(), meaning: sub.description() })),
    )
  return completePositional(command, positionals, typed)
}

const KINDS = KIND_WORDS.map(({ plural }) => plural)
const MORE_KINDS = ['revisions', 'verdicts', 'checkers', 'nameservers']

function completePositional(command: Command, positionals: readonly string[], typed: string): Completion {
  const argument = command.registeredArguments[positionals.length]
  if (argument === undefined) return nothing
  const plain = (values: readonly string[]) =>
    matching(
      typed,
      values.map((value) => ({ value, meaning: '' })),
    )
  if (argument.argChoices !== undefined) return plain(argument.argChoices)
  if (argument.name() === 'file') return { kind: 'files' }
  if (argument.name() === 'kind') return plain(command.name() === 'get' ? [...KINDS, ...MORE_KINDS] : KINDS)
  if (command.name() === 'failback') return { kind: 'names', resource: 'load-balancers', typed }
  if (command.name() === 'clear') return { kind: 'names', resource: 'overrides', typed }
  if (command.name() === 'cancel') return { kind: 'names', resource: 'drains', typed }
  if (command.name() === 'explain') return { kind: 'names', resource: 'load-balancers', typed }
  if (argument.name() === 'name' && positionals[0] !== undefined)
    return { kind: 'names', resource: positionals[0], typed }
  return nothing
}

const nothing: Completion = { kind: 'words', candidates: [] }

function completeValue(option: Option, typed: string): Completion {
  if (option.argChoices !== undefined)
    return matching(
      typed,
      option.argChoices.map((value) => ({ value, meaning: '' })),
    )
  return /path/.test(option.flags) ? { kind: 'files' } : nothing
}

/** Follows the words before the one being typed: to the command they name, and to an option that still wants its value. */
function walk(program: Command, words: readonly string[]) {
  let command = program
  let pending: Option | null = null
  const positionals: string[] = []
  for (const word of words) {
    if (pending !== null) pending = null
    else if (word.startsWith('-') && word !== '-') {
      const option = command.options.find((one) => one.long === word || one.short === word)
      if (option?.required) pending = option
    } else {
      const next: Command | undefined =
        positionals.length === 0 ? command.commands.find((one) => one.name() === word) : undefined
      if (next === undefined) positionals.push(word)
      else command = next
    }
  }
  return { command, positionals, pending }
}

function optionCandidate(option: Option): CompletionCandidate[] {
  return [option.long, option.short].flatMap((flag) =>
    flag === undefined ? [] : [{ value: flag, meaning: option.description }],
  )
}

function matching(typed: string, candidates: readonly CompletionCandidate[]): Completion {
  return { kind: 'words', candidates: candidates.filter((one) => one.value.startsWith(typed)) }
}
