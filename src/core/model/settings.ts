/** Settings of the whole cluster: there is one of them, and every field has a default. */
import { z } from 'zod'
import { prefix } from './client-map.ts'
import { share } from './share.ts'

/** The key of the only resource of its kind. */
export const SETTINGS_KEY = 'settings'

const windowSec = z.int().min(1).max(86_400)

export const settingsSchema = z
  .strictObject({
    name: z.literal(SETTINGS_KEY).default(SETTINGS_KEY).describe('Always `settings`: there is one of them'),
    geoip: z
      .strictObject({
        enabled: z
          .boolean()
          .default(false)
          .describe('Every nameserver has a database of locations (`--geoip-database`)'),
      })
      .prefault({})
      .describe('Rules by continent, country or ASN, and the policy `nearest`, need a database of locations'),
    clientSubnet: z
      .strictObject({
        trust: z
          .union([z.literal('all'), z.array(prefix).max(10_000)])
          .default('all')
          .describe(
            "Resolvers whose EDNS client subnet is believed: 'all', or their prefixes. For others the client is the resolver itself.",
          ),
      })
      .prefault({})
      .describe('Who says where a client is (RFC 7871)'),
    withdrawalBudget: z
      .union([
        z.literal('off'),
        z.strictObject({
          balancerShare: share
            .default('75%')
            .describe(
              'At most this share of the capacity of one load balancer (its endpoints, or their weights where its policy goes by weights), where it has no budget of its own',
            ),
          totalShare: share.default('75%').describe('At most this share of all monitored endpoints'),
          windowSec: windowSec.default(60).describe('In so many seconds'),
          minEndpoints: z
            .int()
            .min(1)
            .max(100_000)
            .default(4)
            .describe('With fewer endpoints a load balancer has no budget'),
        }),
      ])
      .prefault({})
      .describe(
        "What verdicts may take out of the answers in a window; what is beyond it stays answered, with an alarm. The default lets the loss of one of two sites pass and stops a check that would empty everything. 'off': no limit",
      ),
  })
  .meta({ id: 'Settings', description: 'Settings of the whole cluster.' })

export type Settings = z.output<typeof settingsSchema>

/** What holds where nobody set anything. */
export const DEFAULT_SETTINGS: Settings = settingsSchema.parse({})

export { windowSec as budgetWindowSec }
