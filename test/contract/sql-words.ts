/** The words of a statement that mean something to an engine: without names in quotes, strings, numbers and parameters. */
export function wordsOf(statement: string): string[] {
  const bare = statement
    .replaceAll(/'(?:[^']|'')*'/g, ' ')
    .replaceAll(/"[^"]*"/g, ' ')
    .replaceAll(/\$\d+/g, ' ')
    .toLowerCase()
  return bare.match(/[a-z_][a-z0-9_]*/g) ?? []
}
