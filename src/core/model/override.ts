/** An override: a state that an operator forces on an endpoint. It stands beside the verdict and never over it. */
import { z } from 'zod'
import { endpointName, expiresAtMs, operationAuthor, operationReason } from './operation.ts'

export const overrideSchema = z
  .strictObject({
    name: endpointName.describe("The endpoint: 'pool/endpoint'"),
    state: z
      .enum(['forced-up', 'forced-down'])
      .describe('forced-up: answered with whatever the verdict is; forced-down: not answered with'),
    reason: operationReason,
    author: operationAuthor,
    expiresAtMs,
  })
  .meta({
    id: 'Override',
    description: "An operator's forced state of one endpoint, with reason and expiry.",
  })

export type Override = z.output<typeof overrideSchema>
