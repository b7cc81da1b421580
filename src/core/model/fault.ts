/**
 * A fault in what somebody wrote: the place and the mend, in words for the person who wrote it.
 * All faults of an input are collected; the first one never hides the others.
 */
export interface Fault {
  /** RFC 6901 JSON pointer into the document that was given, '' for the whole of it. */
  readonly pointer: string
  /** One sentence: what is wrong and what was expected. Never holds a secret. */
  readonly message: string
}

/** Appends path segments to a JSON pointer, escaped as RFC 6901 section 3 says. */
export function pointerTo(base: string, ...segments: readonly PropertyKey[]): string {
  return segments.reduce<string>(
    (pointer, segment) => `${pointer}/${String(segment).replaceAll('~', '~0').replaceAll('/', '~1')}`,
    base,
  )
}
