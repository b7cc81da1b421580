/** GET /v1/traffic: what was asked and answered, as rates over the last seconds. */
import { z } from 'zod'

const perSec = z.number().describe('In a second')

export const nameserverTrafficSchema = z
  .object({
    nameserver: z.string(),
    site: z.string().exactOptional().describe('Of the nameserver; absent from older controls'),
    queriesPerSec: perSec,
    latencyMs: z.number().describe('Average, as the server that clients ask gives it'),
    responsesPerSec: z
      .record(z.string(), z.number())
      .describe('By code, such as noerror, nxdomain, servfail'),
    cacheHitShare: z
      .number()
      .nullable()
      .describe('Of what was looked for in the packet cache; null: nothing'),
    countsAnswers: z
      .boolean()
      .describe('It counts by load balancer: only a nameserver with a dnsdist before PowerDNS does'),
  })
  .meta({ id: 'NameserverTraffic' })

export const balancerTrafficSchema = z
  .object({
    name: z.string(),
    type: z.string(),
    queriesPerSec: perSec,
    answers: z
      .array(
        z.object({
          value: z.string(),
          share: z.number().describe('Of the answers in the window, 0 to 1'),
          answersPerSec: perSec,
        }),
      )
      .describe('Of what is chosen for each query; empty: it is answered with all of its values each time'),
  })
  .meta({ id: 'LoadBalancerTraffic' })

export const trafficSchema = z
  .object({
    windowSec: z.number().describe('Rates are over so many seconds at most'),
    nameservers: z.array(nameserverTrafficSchema),
    loadBalancers: z.array(balancerTrafficSchema).describe('Over all nameservers that count them'),
  })
  .meta({ id: 'Traffic' })

export type Traffic = z.output<typeof trafficSchema>
