/** Clients as they are named on the command line: addresses, or files that hold one a line. */
import { parseAddress } from '../../core/net/address.ts'
import { CommandError, EXIT } from '../../core/exit-code.ts'
import { readSources } from '../files/read-sources.ts'
import type { Io } from '../io.ts'

/** Canonical addresses, in their order. Throws CommandError that names every one that is none. */
export async function readClients(items: readonly string[], io: Io): Promise<string[]> {
  const named = items.filter((item) => !item.startsWith('@')).map((text) => ({ text, place: '--clients' }))
  const paths = items.filter((item) => item.startsWith('@')).map((item) => item.slice(1))
  const sources = paths.length === 0 ? [] : await readSources(paths, io)
  const listed = sources.flatMap((source) =>
    source.text.split('\n').flatMap((line, index) => {
      const text = line.replace(/#.*$/, '').trim()
      return text === '' ? [] : [{ text, place: `${source.name}:${index + 1}` }]
    }),
  )
  const faults: string[] = []
  const clients: string[] = []
  for (const { text, place } of [...named, ...listed]) {
    const parsed = parseAddress(text)
    if (parsed.kind === 'address') clients.push(parsed.address.text)
    else faults.push(`${place}: ${parsed.message}`)
  }
  if (faults.length > 0) throw new CommandError(EXIT.badInput, faults.join('\n'))
  return clients
}
