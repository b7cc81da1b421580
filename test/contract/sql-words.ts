/**
 * What a statement says that one of the engines may not have: words that are not in the list of the dialect, and what the words alone
 * do not show, since a column may have the name of a type, and a hint is fine where nothing waits for it.
 */
export interface Asked {
  readonly text: string
  /** Of the connection that it came by. */
  readonly session: number
}

/** The words that mean something to an engine: without names in quotes, strings, numbers and parameters. */
function wordsOf(statement: string): string[] {
  return bare(statement).match(/[a-z_][a-z0-9_]*/g) ?? []
}

function bare(statement: string): string {
  return statement
    .replaceAll(/'(?:[^']|'')*'/g, ' ')
    .replaceAll(/"[^"]*"/g, ' name ')
    .replaceAll(/\$\d+/g, ' ')
    .toLowerCase()
}

/** A type follows the name of its column. */
const SERIAL = /(?!(?:column|add|exists)\b)\b[a-z_][a-z0-9_]*\s+((?:small|big)?serial[248]?)\b/

/** Sentences, each once; and the words that were used. */
export function dialectFaults(asked: readonly Asked[], allowed: ReadonlySet<string>) {
  const faults = new Set<string>()
  const used = new Set<string>()
  const hints = new Set(asked.filter(({ text }) => /^\s*listen\b/i.test(text)).map(({ session }) => session))
  for (const { text, session } of asked) {
    const words = wordsOf(text)
    for (const word of words) {
      used.add(word)
      if (!allowed.has(word)) faults.add(`the word ${word}`)
    }
    const isSchema = words[0] === 'create' || words[0] === 'alter'
    const serial = isSchema ? SERIAL.exec(bare(text))?.[1] : undefined
    if (serial !== undefined) faults.add(`the type ${serial}`)
    if (hints.has(session) && text.trim() !== HINT)
      faults.add(`listen by a connection that is asked something else: ${text.slice(0, 80)}`)
  }
  return { faults: [...faults], used }
}

/** Of src/adapters/sql/postgres/revision-hints.ts, which has a connection of its own for it. */
const HINT = 'listen fairlead_revision'
