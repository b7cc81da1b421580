/** A status as a server gives it, for tests of what is shown. */
import type { Status, StatusEvent } from '../../core/views/status.ts'

export interface ExampleOptions {
  readonly down?: readonly string[]
  readonly alarms?: readonly string[]
  readonly whenDown?: boolean
  readonly unread?: boolean
  /** So many more of each. */
  readonly endpoints?: number
  readonly balancers?: number
  readonly events?: number
  readonly detail?: string
}

export const EXAMPLE_NOW_MS = Date.UTC(2026, 10, 23, 12, 0, 0)

export function exampleStatus(options: ExampleOptions = {}): Status {
  const endpoints = endpointsOf(options)
  const loadBalancers = balancersOf(options)
  const down = endpoints.filter((one) => one.state === 'down').length
  return {
    version: '0.1.0',
    revision: 3,
    healthy: (options.alarms ?? []).length === 0,
    counts: {
      endpoints: { total: endpoints.length, up: endpoints.length - down, down, unknown: 0, other: 0 },
      loadBalancers: { total: loadBalancers.length, byWhenDown: options.whenDown ? 1 : 0 },
    },
    endpoints,
    loadBalancers,
    checkers: [{ checker: 'node', site: 'ams', live: true, fenced: false, loss: 0, revision: 3, ageMs: 310 }],
    nameservers: [
      {
        name: 'node',
        site: 'ams',
        revision: 3,
        ready: true,
        dnsServer: {
          state: 'running',
          address: '127.0.0.1',
          port: 5300,
          pid: 4711,
          restarts: 0,
          version: '4.7.3',
          detail: 'answers',
        },
        unpublishedForMs: null,
      },
    ],
    events: [
      transition('web/ams-1'),
      ...Array.from({ length: options.events ?? 0 }, (_, index) => transition(`many/e${index}`)),
    ],
    alarms: [...(options.alarms ?? [])],
  }
}

export function transition(endpoint: string): StatusEvent {
  return {
    kind: 'transition',
    atMs: EXAMPLE_NOW_MS - 12_500,
    endpoint,
    from: 'up',
    to: 'down',
    degraded: false,
    rule: 'quorum-down',
    reason: 'connection refused',
  }
}

function endpointsOf({ down = [], endpoints = 0, detail }: ExampleOptions): Status['endpoints'] {
  const one = (key: string, address: string, site: string) => {
    const [pool = '', endpoint = ''] = key.split('/')
    const isDown = down.includes(key)
    return {
      pool,
      endpoint,
      address,
      port: 8080,
      site,
      state: isDown ? ('down' as const) : ('up' as const),
      degraded: false,
      beside: [],
      sinceMs: EXAMPLE_NOW_MS - 12_500,
      rule: isDown ? 'quorum-down' : 'quorum-up',
      detail: detail ?? (isDown ? 'connection refused' : 'HTTP 200'),
    }
  }
  return [
    one('web/ams-1', '127.0.0.11', 'ams'),
    one('web/fra-1', '2001:db8::21', 'fra'),
    ...Array.from({ length: endpoints }, (_, index) => one(`many/e${index}`, '192.0.2.1', 'ams')),
  ]
}

function balancersOf({ whenDown, unread, balancers = 0 }: ExampleOptions): Status['loadBalancers'] {
  const answer = {
    type: 'A' as const,
    kind: 'plain' as const,
    values: ['127.0.0.11'],
    ttlSec: 30,
    rule: whenDown ? ('when-down' as const) : ('policy' as const),
    readBackAtMs: unread ? null : EXAMPLE_NOW_MS - 12_400,
  }
  const weighted = {
    ...answer,
    kind: 'weighted' as const,
    values: ['127.0.0.11', '127.0.0.21'],
    weights: [3, 1],
  }
  const zone = 'example.test'
  return [
    { name: 'www.example.test', zone, policy: 'failover', answers: [answer], latched: [] },
    { name: 'weighted.example.test', zone, policy: 'weighted', answers: [weighted], latched: [] },
    ...Array.from({ length: balancers }, (_, index) => ({
      name: `n${index}.example.test`,
      zone,
      policy: 'all' as const,
      latched: [],
      answers: [answer],
    })),
  ]
}
