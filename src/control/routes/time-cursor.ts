/** The place in a list that is in order of time: what `next` of a page says, and `after` of the next request. */
import { ProblemError } from '../problem-error.ts'

export interface TimePlace {
  readonly atMs: number
  readonly id: string
}

export const timeCursor = {
  of: ({ atMs, id }: TimePlace): string => `${atMs}.${id}`,

  /** Throws ProblemError 'malformed-request'. */
  parse: (text: string): TimePlace => {
    const [, atMs = '', id = ''] = /^(\d{1,15})\.(.+)$/.exec(text) ?? []
    if (id !== '') return { atMs: Number(atMs), id }
    throw new ProblemError('malformed-request', { detail: "query 'after': the `next` of a page is expected" })
  },
}
