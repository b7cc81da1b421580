/** A site: a data centre or vantage location. */
import { z } from 'zod'
import { identifier } from './scalars.ts'

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
  })
  .meta({ id: 'Site', description: 'A data centre or vantage location.' })

export type Site = z.output<typeof siteSchema>
