/** DNS servers that others run: secondaries get a zone by transfer (RFC 5936, 1995, 1996), others take updates of it (RFC 2136). */
import { z } from 'zod'
import { address, identifier } from './scalars.ts'
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

const answers = z.int().min(1).max(1_000).optional()

export const updateTargetSchema = z
  .strictObject({
    address,
    port: z.int().min(1).max(65_535).default(53),
    tsigKey: tsigKeyName.describe('TSIG key that updates are signed with (fairlead tsig add)'),
  })
  .meta({ id: 'UpdateTarget', description: 'A DNS server that takes dynamic updates of a zone (RFC 2136).' })

export const updatesSchema = z
  .strictObject({
    targets: z.array(updateTargetSchema).min(1).max(16),
    owner: identifier
      .default('fairlead')
      .describe(
        'Stands in the TXT records that mark what is ours; several Fairleads in one zone need several',
      ),
    answers: answers.describe('As in `transfers`'),
  })
  .meta({
    id: 'Updates',
    description:
      "Servers of others that hold a zone of this name: the load balancers' names are published into it by dynamic updates, and nothing else of it is touched.",
  })
