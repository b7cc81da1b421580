/** One page of a list: GET /v1/sites, /v1/revisions and the like. Give `next` as `?after=` to get the one that follows. */
import { z } from 'zod'

export function pageSchema<T extends z.ZodType>(item: T) {
  return z.object({
    items: z.array(item).describe('In order of name; revisions and tokens newest first'),
    next: z.string().nullable().describe('The `after` of the next page; null: this is the last one'),
  })
}
