/** On disk, what steering remembers beside the verdicts: ramps, withdrawals and holds, latches. */
import type { Logger } from 'pino'
import { z } from 'zod'
import { latchSchema } from '../../core/model/latch.ts'
import type { SavedSteering } from '../../core/steering/state/saved-steering.ts'
import type { Clock } from '../../ports/clock.ts'
import { VerifiedFile } from '../durable-file/verified-file.ts'

const endpoint = z.string()
const atMs = z.number()

const steeringSchema: z.ZodType<SavedSteering> = z.strictObject({
  ramps: z.array(z.strictObject({ endpoint, startedAtMs: atMs })),
  falls: z.array(z.strictObject({ endpoint, kind: z.enum(['counted', 'forced-up', 'out']) })),
  withdrawals: z.array(z.strictObject({ loadBalancer: z.string().nullable(), endpoint, atMs })),
  holds: z.array(z.strictObject({ loadBalancer: z.string(), endpoint, sinceMs: atMs })),
  latches: z.array(latchSchema),
})

export interface SteeringFileOptions {
  readonly path: string
  readonly clock: Clock
  readonly logger: Logger
  /** Told when a file did not verify. */
  readonly onDamaged: (message: string) => void
}

export function steeringFile(options: SteeringFileOptions): VerifiedFile<SavedSteering> {
  return new VerifiedFile({ ...options, what: 'the steering state', schema: steeringSchema })
}
