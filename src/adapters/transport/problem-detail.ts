/** What a control says of a request that it refuses (RFC 9457); null: nothing that could be read. */
import { z } from 'zod'

const problemSchema = z.object({ detail: z.string() })

export function problemDetail(body: unknown): string | null {
  return problemSchema.safeParse(body).data?.detail ?? null
}
