/** A site: a data centre or vantage location. */
import { z } from 'zod'
import { address, identifier, port } from './scalars.ts'

const checkerAddress = z.strictObject({
  name: identifier.describe('Name of the checker, as in its certificate'),
  address: address.describe('Where it serves its frames'),
  port: port.describe('Where it serves its frames'),
})

const canary = z.strictObject({
  address: address.describe('A host outside that accepts TCP connections when the network of the site works'),
  port,
})

export const siteSchema = z
  .strictObject({
    name: identifier,
    country: z
      .string()
      .regex(/^[A-Z]{2}$/, { error: "an ISO 3166-1 alpha-2 code is expected, such as 'NL'" })
      .optional()
      .describe('ISO 3166-1 alpha-2 code of the country'),
    coordinates: z
      .strictObject({
        latitude: z.number().min(-90).max(90).describe('Degrees north'),
        longitude: z.number().min(-180).max(180).describe('Degrees east'),
      })
      .optional()
      .describe('Where the site is (WGS 84)'),
    checkers: z
      .array(checkerAddress)
      .max(64)
      .default([])
      .describe('The checkers of the site. A site that has any is one of those that vote.'),
    canaries: z
      .array(canary)
      .max(64)
      .default([])
      .describe(
        'TCP targets that show whether the own network of the site works: at least three, of unrelated operators',
      ),
  })
  .meta({ id: 'Site', description: 'A data centre or vantage location.' })

export type Site = z.output<typeof siteSchema>
