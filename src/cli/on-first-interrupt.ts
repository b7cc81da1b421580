/**
 * The first interrupt asks politely, a later one ends the process as signals do. npm passes on the Ctrl-C that the terminal has
 * sent to everybody already: what comes within a second of the first is the same one.
 */
import type { Io } from './io.ts'

const SAME_MS = 1_000

/** The result stops listening. */
export function onFirstInterrupt(io: Io, act: () => void): () => void {
  let later: NodeJS.Timeout | null = null
  const forget = io.onInterrupt(() => {
    if (later !== null) return
    later = setTimeout(forget, SAME_MS).unref()
    act()
  })
  return () => {
    if (later !== null) clearTimeout(later)
    forget()
  }
}
