/**
 * Who has which address. Sites are numbered from 1: site 2 is 10.2.0.0/24 and fd00:2::/64, behind a router with the lowest address.
 * The clients and the hosts of others hang on the backbone like sites without a router. Pure.
 */
export const SITE_NAMES = ['ams', 'fra', 'lon', 'nyc', 'sin', 'syd', 'gru'] as const

/** An address of each family. */
export interface Pair {
  readonly v4: string
  readonly v6: string
}

/** Of the networks that are no site. */
export const NETWORK_NUMBER = { clients: 100, internet: 101, crowd: 102 } as const

/** Last part of the addresses of each kind of host; endpoints count on from theirs. */
export const HOST = {
  router: 1,
  nameserver: 10,
  checker: 20,
  control: 30,
  database: 40,
  endpoint: 101,
} as const

export function hostAddress(network: number, host: number): Pair {
  return { v4: `10.${network}.0.${host}`, v6: `fd00:${network}::${host}` }
}

/** The two ends of the link between the backbone and a router. */
export function linkAddress(network: number, end: 'backbone' | 'router'): Pair {
  const host = end === 'backbone' ? 1 : 2
  return { v4: `10.255.${network}.${host}`, v6: `fd00:ff:${network}::${host}` }
}

/** The ends of the second link between them, which is slow. */
export function slowLinkAddress(network: number, end: 'backbone' | 'router'): Pair {
  const host = end === 'backbone' ? 1 : 2
  return { v4: `10.254.${network}.${host}`, v6: `fd00:fe:${network}::${host}` }
}

/** Of the devices there. */
export function slowLinkMac(network: number, end: 'backbone' | 'router'): string {
  return `02:00:00:00:${network.toString(16).padStart(2, '0')}:${end === 'backbone' ? '01' : '02'}`
}

/** The slow one beside a device. */
export function slowDevice(device: string): string {
  return `${device}-slow`
}

/** Everything behind a router. */
export function networkOf(network: number): Pair {
  return { v4: `10.${network}.0.0/24`, v6: `fd00:${network}::/64` }
}
