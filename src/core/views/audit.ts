/** /v1/audit: every write, and every attempt that was denied. */
import { z } from 'zod'

export const auditEntrySchema = z
  .object({
    id: z.string(),
    atMs: z.number().describe('Milliseconds since the epoch'),
    actor: z.string().describe('Name of the token; empty where none was valid'),
    from: z.string().describe('Address of the client; a word where it was none'),
    action: z.string().describe("'change', 'token create', or the method and path that were denied"),
    outcome: z.enum(['done', 'denied']),
    revision: z.int().nullable().describe('That it made'),
    detail: z.string().describe('Why, in the words of who did it or of who denied it'),
    changes: z
      .array(z.object({ op: z.enum(['put', 'delete']), kind: z.string(), key: z.string() }))
      .describe('What it touched, the first of them; the revision has all'),
    changeCount: z.int().describe('How many it touched'),
    times: z.int().describe('How many attempts alike, within a minute, this stands for'),
  })
  .meta({ id: 'AuditEntry' })

export type AuditEntryView = z.output<typeof auditEntrySchema>
