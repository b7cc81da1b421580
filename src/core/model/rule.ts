/** A safety rule: what every change must leave standing. A change that breaks it is refused with its own message. */
import { z } from 'zod'
import { globSchema } from './glob.ts'
import { identifier } from './scalars.ts'

const common = {
  name: identifier,
  message: z
    .string()
    .min(1)
    .max(1_024)
    .describe('What is told to whoever would break it: why it is there, whom to ask'),
}

export const ruleSchema = z
  .discriminatedUnion('kind', [
    z.strictObject({
      ...common,
      kind: z.literal('endpoints-in-service'),
      pools: z.array(globSchema).min(1).max(100).describe('Each pool whose name matches one of these'),
      atLeast: z
        .int()
        .min(1)
        .max(10_000)
        .describe('So many of its endpoints are enabled, not drained and not forced down'),
    }),
    z.strictObject({
      ...common,
      kind: z.literal('sites-in-service'),
      sites: z.array(identifier).min(1).max(1_000).describe('Of these sites'),
      atLeast: z.int().min(1).max(1_000).describe('so many are there and not drained'),
    }),
  ])
  .check(({ value, issues }) => {
    if (value.kind !== 'sites-in-service' || value.atLeast <= value.sites.length) return
    const message = `it could never hold: only ${value.sites.length} sites are named`
    issues.push({ code: 'custom', path: ['atLeast'], message, input: value.atLeast, continue: true })
  })
  .meta({ id: 'Rule', description: 'What every change must leave standing; admins write it.' })

export type Rule = z.output<typeof ruleSchema>
