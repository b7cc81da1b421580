/** What settings are made of, each with the sentence for a value that is none. */
import { isIP } from 'node:net'
import { z } from 'zod'
import { TIME_SPAN } from '../../core/model/time-span.ts'
import { parsePostgresAddress, POSTGRES_URL } from '../../adapters/sql/postgres/postgres-address.ts'
import { parseStoreAddress } from '../../adapters/sql/store-address.ts'

export interface HostPort {
  readonly host: string
  readonly port: number
}

const LISTEN = 'an IP address and port such as 127.0.0.1:5380 or [::]:5381'
const PLACE = 'a host and port such as control-1.example.net:5381, 192.0.2.1:5381 or [2001:db8::1]:5381'

export const path = z.string().min(1, { error: 'a path is expected' })

export const ipAddress = z.string().refine((text) => isIP(text) !== 0, {
  error: 'an IP address such as 127.0.0.1 or ::1 is expected',
})

/** Where to listen: port 0 lets the system choose. */
export const listenAddress = hostPort(LISTEN, (host, port) => isIP(host) !== 0 && port >= 0)

/** Where somebody else listens. */
export const placeAddress = hostPort(
  PLACE,
  (host, port) =>
    port > 0 && (isIP(host) !== 0 || /^(?=.{1,253}$)[a-z0-9_](?:[a-z0-9._-]*[a-z0-9])?$/i.test(host)),
)

export const logLevel = z.enum(['debug', 'info', 'warn', 'error', 'silent'], {
  error: "one of 'debug', 'info', 'warn', 'error', 'silent' is expected",
})

/** As parseDuration reads it. */
export const timeSpan = z.string().regex(TIME_SPAN, {
  error: 'a time span such as 90s, 12h or 30d is expected',
})

function hostPort(
  expected: string,
  accepts: (host: string, port: number) => boolean,
): z.ZodType<HostPort, string> {
  return z.string({ error: `${expected} is expected` }).transform((text, context) => {
    const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text)
    const place = { host: match?.[1] ?? match?.[2] ?? '', port: Number(match?.[3] ?? -1) }
    // Brackets are for IPv6, and IPv6 is in brackets.
    const isFramed = (match?.[1] !== undefined) === (isIP(place.host) === 6)
    if (isFramed && place.port <= 65_535 && accepts(place.host, place.port)) return place
    context.addIssue({ code: 'custom', message: `${expected} is expected` })
    return z.NEVER
  })
}

/** Every fault of a URL at once. */
export const storePlace = z
  .string()
  .min(1, { error: 'a path or a URL is expected' })
  .superRefine((text, context) => {
    const parsed = parseStoreAddress(text, { workingDirectory: '/' })
    if (parsed.kind === 'store') return
    for (const message of parsed.faults) context.addIssue({ code: 'custom', message })
  })

/** PowerDNS's tables, of PostgreSQL or CockroachDB. */
export const databaseUrl = z.string().superRefine((text, context) => {
  const parsed = POSTGRES_URL.test(text)
    ? parsePostgresAddress(text)
    : { kind: 'faults' as const, faults: ["a URL that begins with 'postgres://' is expected"] }
  if (parsed.kind === 'faults')
    for (const message of parsed.faults) context.addIssue({ code: 'custom', message })
})
