/**
 * What is known on disk of a server that takes updates: enough to take away there what was published, also when neither it nor its
 * key is in the configuration any more.
 * What must stay true: no secret stands here but sealed.
 */
import { z } from 'zod'
import { address, dnsName } from '../../core/model/scalars.ts'
import { tsigKeyName, tsigKeySchema } from '../../core/model/tsig-key.ts'

export const leftTargetSchema = z.strictObject({
  zone: dnsName,
  owner: z.string(),
  address,
  port: z.int().min(1).max(65_535),
  tsigKey: tsigKeyName,
  /** As it was last; absent: it never was there. */
  sealedKey: tsigKeySchema.optional(),
  /** Wall time since when it is no target any more; absent: it is one. */
  goneAtMs: z.int().optional(),
  names: z.array(z.string()),
})

export type LeftTarget = z.output<typeof leftTargetSchema>
