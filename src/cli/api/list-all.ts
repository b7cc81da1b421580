/** A whole list, page by page. */
import type { z } from 'zod'
import { pageSchema } from '../../core/views/page.ts'
import type { ApiClient } from './api-client.ts'

/** The most that every list of the API gives at once. */
const PAGE = 200

/** At most `limit` items, in the server's order. */
export async function listAll<T extends z.ZodType>(
  client: ApiClient,
  path: string,
  {
    schema,
    limit = Infinity,
    query: filter = {},
  }: { readonly schema: T; readonly limit?: number; readonly query?: Readonly<Record<string, string>> },
): Promise<z.output<T>[]> {
  const items: z.output<T>[] = []
  let after: string | null = null
  do {
    const query: Record<string, string> = { ...filter, limit: String(Math.min(PAGE, limit - items.length)) }
    if (after !== null) query['after'] = after
    const page: { items: z.output<T>[]; next: string | null } = await client.send(
      { path, query },
      pageSchema(schema),
    )
    items.push(...page.items)
    after = page.items.length === 0 ? null : page.next
  } while (after !== null && items.length < limit)
  return items
}
