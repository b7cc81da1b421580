/** A monitor: the definition of a check. Its defaults are those of docs/reference/configuration.md. */
import { z } from 'zod'
import { RE2JS } from 're2js'
import { address, dnsName, durationMs, headerText, identifier, port } from './scalars.ts'

/** Votes that a verdict needs. Both can never hold at once: down + up is more than the votes that there are. */
const quorum = z
  .union([
    z.literal('majority'),
    z.strictObject({
      down: z.int().min(1).max(15).describe('Sites that must say down'),
      up: z.int().min(1).max(15).describe('Sites that must say up'),
    }),
  ])
  .default('majority')
  .describe("Votes that a verdict needs: 'majority', or a number of sites each for down and up")

const vantage = z
  .strictObject({
    sites: z.array(identifier).min(1).max(64).describe('Names of the sites that may vote'),
  })
  .optional()
  .describe('Who may vote; all sites with checkers if absent')

const voters = z
  .int()
  .min(1)
  .max(15)
  .refine((count) => count % 2 === 1, { error: 'an odd number is expected: an even one only adds ties' })
  .default(5)
  .describe('How many sites vote on one endpoint; all of them where there are fewer')

const common = {
  name: identifier,
  intervalMs: durationMs(100, 3_600_000)
    .default(5_000)
    .describe('Time between two probes of one endpoint, in ms'),
  fastIntervalMs: durationMs(100, 3_600_000)
    .default(1_000)
    .describe('Time between two probes while the state is undecided, in ms'),
  timeoutMs: durationMs(10, 60_000).default(1_000).describe('A probe that takes longer has failed, in ms'),
  fall: z.int().min(1).max(20).default(2).describe('Consecutive failures until an endpoint is down'),
  rise: z.int().min(1).max(20).default(3).describe('Consecutive successes until an endpoint is up again'),
  port: port.optional().describe("Probe this port instead of the endpoint's"),
  sourceAddress: address
    .optional()
    .describe('Local address to probe from; must be of the family of the probed address'),
  quorum,
  vantage,
  voters,
}

const statusRange = z
  .string()
  .regex(/^[1-5]\d\d(?:-[1-5]\d\d)?$/, {
    error: "a status such as '200' or a range such as '200-299' is expected",
  })
  .refine((text) => text.length === 3 || text.slice(0, 3) <= text.slice(4), {
    error: 'the lower end of a range comes first',
  })

/** Regular expressions run on RE2 (linear time): a pattern can never hang the checker. */
const safePattern = z
  .string()
  .min(1)
  .max(1_024, { abort: true })
  .refine(compiles, { error: 'not a valid RE2 pattern (no look-around, no back-references)' })

const bodyMatch = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('contains'),
    text: z.string().min(1).max(4_096).describe('Text to look for'),
  }),
  z.strictObject({ kind: z.literal('regex'), pattern: safePattern.describe('RE2 syntax') }),
])

/** Headers that frame the message or name the host: two opinions on them would be a broken request. */
const PROBE_OWN_HEADERS = ['content-length', 'transfer-encoding', 'connection', 'host']

const connection = z.enum(['new', 'keep-alive'])

const headerName = z
  .string()
  .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$/, { error: 'not a header name (RFC 9110 5.1)' })

const latencyMs = durationMs(1, 60_000).describe(
  'A success that takes longer, from the start of the probe, in ms',
)

const httpDegraded = z
  .strictObject({
    latencyMs: latencyMs.optional(),
    status: z
      .array(statusRange)
      .min(1)
      .max(32)
      .optional()
      .describe('Statuses of a degraded endpoint; they count as a success, also beside expectStatus'),
    header: z
      .strictObject({
        name: headerName.describe('Name of a response header'),
        value: headerText.optional().describe('Its value; if absent, that it is there is enough'),
      })
      .optional()
      .describe('A response header by which an endpoint says that it is degraded'),
  })
  .refine((degraded) => Object.values(degraded).some((sign) => sign !== undefined), {
    error: 'at least one of latencyMs, status and header is expected',
  })
  .optional()
  .describe('Signs of an endpoint that is up but not well')

const http = {
  ...common,
  degraded: httpDegraded,
  method: z.enum(['GET', 'HEAD', 'POST', 'OPTIONS']).default('GET').describe('Request method'),
  path: z
    .string()
    .max(4_096)
    .regex(/^\/[\x21-\x7e]*$/, { error: "a path starts with '/' and has no spaces" })
    .default('/')
    .describe('Path and query to ask for'),
  headers: z
    .record(
      headerName.refine((name) => !PROBE_OWN_HEADERS.includes(name.toLowerCase()), {
        error: `the probe itself decides on ${PROBE_OWN_HEADERS.join(', ')}; for Host there is the field 'host'`,
      }),
      headerText,
    )
    .default({})
    .describe('Request headers to add'),
  host: headerText.optional().describe("The Host header; the endpoint's address and port if absent"),
  expectStatus: z
    .array(statusRange)
    .min(1)
    .max(32)
    .default(['200-299'])
    .describe('Statuses that are a success'),
  bodyMatch: bodyMatch.optional().describe('What the first 64 KiB of the body must hold'),
  followRedirects: z.boolean().default(false).describe('Follow up to five redirects on the same host'),
}

const tls = z
  .strictObject({
    verify: z.boolean().default(true).describe('Verify the certificate chain and name'),
    serverName: dnsName
      .optional()
      .describe('SNI, and the name the certificate must carry; the host if absent'),
    caFile: z
      .string()
      .min(1)
      .optional()
      .describe('PEM file of the authorities to trust instead of the system ones'),
    certificateFile: z.string().min(1).optional().describe('PEM file of the client certificate'),
    keyFile: z.string().min(1).optional().describe('PEM file of the key of the client certificate'),
  })
  .refine((value) => (value.certificateFile === undefined) === (value.keyFile === undefined), {
    error: 'a client certificate needs both certificateFile and keyFile',
  })

export const monitorSchema = z
  .discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('http'),
      ...http,
      connection: connection
        .default('new')
        .describe('A new connection for every probe, or one that is kept, and made anew every 20th time'),
    }),
    z.strictObject({
      kind: z.literal('https'),
      ...http,
      connection: connection
        .default('keep-alive')
        .describe(
          'A new connection for every probe, or one that is kept: the handshake, and with it the certificate, is checked every 20th time and after a failure',
        ),
      tls: tls.default({ verify: true }).describe('How the connection is made and verified'),
    }),
    z.strictObject({
      kind: z.literal('tcp'),
      ...common,
      degraded: z
        .strictObject({ latencyMs })
        .optional()
        .describe('Signs of an endpoint that is up but not well'),
      send: z.string().max(4_096).optional().describe('Text to send after connecting'),
      expect: z
        .string()
        .min(1)
        .max(4_096)
        .optional()
        .describe('Text that the first 64 KiB of the reply must hold'),
    }),
  ])
  .superRefine(
    (monitor, context) => {
      const { intervalMs, fastIntervalMs, timeoutMs } = monitor
      const issue = (field: string, message: string) => {
        context.addIssue({ code: 'custom', path: [field], message, continue: true })
      }
      if (timeoutMs > intervalMs)
        issue('timeoutMs', `at most intervalMs (${intervalMs}): probes must not overlap`)
      if (fastIntervalMs > intervalMs) issue('fastIntervalMs', `at most intervalMs (${intervalMs})`)
      if (monitor.kind !== 'tcp' && monitor.method === 'HEAD' && monitor.bodyMatch !== undefined)
        issue('bodyMatch', 'a HEAD request has no body to match: use GET, or leave bodyMatch out')
    },
    // Also where something else is wrong, so that all faults come at once.
    { when: ({ value }) => typeof (value as { intervalMs?: unknown } | null)?.intervalMs === 'number' },
  )
  .superRefine((monitor, context) => {
    const message = quorumConflict(monitor)
    if (message !== null) context.addIssue({ code: 'custom', path: ['quorum'], message })
    if ((monitor.degraded?.latencyMs ?? 0) >= monitor.timeoutMs)
      context.addIssue({
        code: 'custom',
        path: ['degraded', 'latencyMs'],
        message: `less than timeoutMs (${monitor.timeoutMs}) is expected: a probe that takes longer has failed`,
      })
  })
  .meta({ id: 'Monitor', description: 'The definition of a check.' })

export type Monitor = z.output<typeof monitorSchema>
export type HttpMonitor = Extract<Monitor, { kind: 'http' | 'https' }>
export type TcpMonitor = Extract<Monitor, { kind: 'tcp' }>

function compiles(pattern: string): boolean {
  try {
    RE2JS.compile(pattern)
    return true
  } catch {
    return false
  }
}

/** Why an explicit quorum cannot work with the number of votes that there are at most; null when it can. */
function quorumConflict({ quorum, voters, vantage }: Monitor): string | null {
  if (quorum === 'majority') return null
  const most = Math.min(voters, vantage?.sites.length ?? voters)
  const { down, up } = quorum
  if (down > most || up > most)
    return `at most ${most} sites vote (voters, vantage.sites): no more can be asked for`
  if (down + up > most) return null
  return `down + up must be at least ${most + 1} where ${most} sites vote, or both could hold at once; for fewer sites set 'voters'`
}
