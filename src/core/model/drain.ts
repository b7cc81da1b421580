/** A drain: an endpoint, the endpoints of a pool, or everything in a site gets fewer and then no new answers, for maintenance. */
import { z } from 'zod'
import { drainTarget, expiresAtMs, operationAuthor, operationReason } from './operation.ts'

export const drainSchema = z
  .strictObject({
    name: drainTarget,
    startAtMs: z
      .int()
      .min(0)
      .optional()
      .describe('When it begins, in ms since the epoch; as soon as it is committed if absent'),
    drainSec: z
      .int()
      .min(0)
      .max(86_400)
      .default(0)
      .describe('Over so many seconds the weights shrink to nothing; 0: at once'),
    reason: operationReason,
    author: operationAuthor,
    expiresAtMs,
  })
  .check(({ value, issues }) => {
    const { startAtMs = 0, drainSec, expiresAtMs: end } = value
    if (end !== undefined && end <= startAtMs + drainSec * 1_000)
      issues.push({
        code: 'custom',
        path: ['expiresAtMs'],
        message: 'it would expire before it has drained: give a later time, or a shorter drainSec',
        input: end,
        continue: true,
      })
  })
  .meta({ id: 'Drain', description: 'What is taken out of the answers for maintenance, gently.' })

export type Drain = z.output<typeof drainSchema>

/** What a drain is about. */
export function drainedBy({ name }: Pick<Drain, 'name'>): {
  readonly kind: 'site' | 'pool' | 'endpoint'
  readonly key: string
} {
  const slash = name.indexOf('/')
  return { kind: name.slice(0, slash) as 'site' | 'pool' | 'endpoint', key: name.slice(slash + 1) }
}
