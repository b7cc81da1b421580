/**
 * The configuration that a lab runs on: a pool of the HTTP endpoints and one of the
 * HTTPS endpoints, of both families, and one name that is answered with all that are up.
 */
import { hostAddress, HOST, NETWORK_NUMBER } from '../network/addresses.ts'
import { ENDPOINT_PORT, type Endpoint } from './endpoint.ts'

export const LAB_NAME = 'www.lab.test'
export const FRAMES_PORT = 5_382
export const CANARIES = [11, 12, 13].map((host) => hostAddress(NETWORK_NUMBER.internet, host))

/** How often endpoints are probed: the defaults of docs/health.md, or five times as often. */
export const PACES = {
  '5s': { intervalMs: 5_000, fastIntervalMs: 1_000, timeoutMs: 1_000, fall: 2, rise: 3 },
  '1s': { intervalMs: 1_000, fastIntervalMs: 250, timeoutMs: 500, fall: 2, rise: 3 },
} as const
export type Pace = keyof typeof PACES
/** A probe that makes a connection by TLS needs three round trips: from the other side of the earth they take almost a second. */
const SECURE_TIMEOUT_MS = { '5s': 1_500, '1s': 500 } as const

export interface LabDocument {
  readonly sites: readonly { readonly name: string }[]
  readonly endpoints: readonly Endpoint[]
  readonly pace: Pace
  /** Off where most of the endpoints are to go: the default would hold them. */
  readonly hasBudget: boolean
  readonly authority: { readonly caFile: string }
}

export function labDocument({ sites, endpoints, pace, hasBudget, authority }: LabDocument) {
  return {
    settings: { withdrawalBudget: hasBudget ? {} : 'off' },
    sites: sites.map(({ name }, index) => ({
      name,
      checkers: [
        { name: checkerName(name), address: hostAddress(index + 1, HOST.checker).v4, port: FRAMES_PORT },
      ],
      canaries: CANARIES.map(({ v4 }) => ({ address: v4, port: ENDPOINT_PORT })),
    })),
    zones: [{ name: 'lab.test', nameservers: ['ns1.elsewhere.test'] }],
    monitors: [
      { name: 'web', kind: 'http', path: '/', ...PACES[pace] },
      {
        ...{ name: 'secure', kind: 'https', path: '/', ...PACES[pace], timeoutMs: SECURE_TIMEOUT_MS[pace] },
        // Each probe looks at the certificate; on a connection that is kept every 20th does.
        connection: 'new',
        tls: { serverName: LAB_NAME, caFile: authority.caFile },
      },
    ],
    pools: [
      poolOf(
        'web',
        endpoints.filter(({ tls }) => tls === null),
      ),
      poolOf(
        'secure',
        endpoints.filter(({ tls }) => tls !== null),
      ),
    ],
    loadBalancers: [
      { name: LAB_NAME, zone: 'lab.test', ttlSec: 5, policy: { kind: 'all', pools: ['web', 'secure'] } },
    ],
  }
}

/** Watched by the monitor of the same name. */
function poolOf(name: string, endpoints: readonly Endpoint[]) {
  return {
    ...{ name, monitors: [name] },
    endpoints: endpoints.flatMap(({ name: endpoint, site, port, address: { v4, v6 } }) => [
      { name: endpoint, address: v4, port, site },
      { name: `${endpoint}-v6`, address: v6, port, site },
    ]),
  }
}

export function checkerName(site: string): string {
  return `${site}-1`
}

export function nameserverName(site: string): string {
  return `ns-${site}`
}
