/** A site: a data centre or vantage location. */
import { z } from 'zod'
import { address, identifier, port } from './scalars.ts'

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
      .array(
        z.strictObject({
          name: identifier,
          address: address.describe('Where its frames are served: an IPv4 or IPv6 address'),
          port,
        }),
      )
      .max(16)
      .default([])
      .describe('The checkers of this site; a name stands once over all sites'),
    canaries: z
      .array(z.strictObject({ address, port }))
      .max(64)
      .default([])
      .describe("TCP targets that show that this site's own network works"),
  })
  .meta({ id: 'Site', description: 'A data centre or vantage location.' })

export type Site = z.output<typeof siteSchema>
