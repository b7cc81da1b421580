/** The options of `npm run lab`, checked. */
import { z } from 'zod'
import { CommandError, EXIT } from '../../src/core/exit-code.ts'
import { SITE_NAMES } from '../network/addresses.ts'

/** `--delay ''` is no number, though JavaScript takes it for 0. */
const numeral = z
  .union([z.string().regex(/^\d+(\.\d+)?$/, 'a number, such as 10'), z.number()])
  .transform(Number)
const whole = numeral.pipe(z.int())

const schema = z.object({
  all: z.boolean().default(false),
  list: z.boolean().default(false),
  json: z.boolean().default(false),
  brief: z.boolean().default(false),
  sites: whole.pipe(z.int().min(3).max(SITE_NAMES.length)).default(3),
  pace: z.enum(['5s', '1s']).default('5s'),
  // One of them speaks HTTPS.
  endpoints: whole.pipe(z.int().min(2).max(20)).default(3),
  rate: numeral.pipe(z.number().min(1).max(1_000)).default(20),
  minutes: numeral.pipe(z.number().positive().max(100_000)).default(10),
  seed: whole.optional(),
  delay: numeral.pipe(z.number().max(1_000)).default(0),
})

export type LabOptions = z.output<typeof schema>

export function parseLabOptions(values: Readonly<Record<string, unknown>>): LabOptions {
  const parsed = schema.safeParse(values)
  if (parsed.success) return parsed.data
  const said = parsed.error.issues.map(({ path, message }) => `--${path.join('.')}: ${message}`)
  throw new CommandError(EXIT.badInput, said.join('\n'))
}
