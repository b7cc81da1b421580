/** Secondaries of a zone: DNS servers that others run, which get it by zone transfer (RFC 5936, RFC 1995, RFC 1996). */
import { z } from 'zod'
import { address } from './scalars.ts'
import { tsigKeyName } from './tsig-key.ts'

export const secondarySchema = z
  .strictObject({
    address,
    port: z.int().min(1).max(65_535).default(53),
    tsigKey: tsigKeyName.describe('TSIG key that transfers to it are signed with (fairlead tsig add)'),
  })
  .meta({ id: 'Secondary', description: 'A DNS server that gets a zone by transfer.' })

export const transfersSchema = z
  .strictObject({
    secondaries: z.array(secondarySchema).min(1).max(16),
    answers: z
      .int()
      .min(1)
      .max(1_000)
      .optional()
      .describe(
        'What is chosen for each query here is a plain record set there: of so many endpoints at most, the heaviest first; of all if absent',
      ),
  })
  .meta({
    id: 'Transfers',
    description: 'Servers that get a zone by transfer, from each nameserver that has `transfers`.',
  })

export type Transfers = z.output<typeof transfersSchema>
export type Secondary = z.output<typeof secondarySchema>
