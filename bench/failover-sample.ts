/** The words of the failover bench: who is compared, how an endpoint dies, and what was seen of one death. */

/** Each a way to answer one name, at one nameserver or several. Confirming ones act on the second failure, others on the first. */
export const SYSTEMS = {
  threeSitesConfirmed: { label: 'Fairlead, three sites, fall 2', confirms: true, isOurs: true },
  oneSiteConfirmed: { label: 'Fairlead, one site, fall 2', confirms: true, isOurs: true },
  gdnsd: { label: 'gdnsd http_status, down_thresh 2', confirms: true, isOurs: false },
  threeSitesUnconfirmed: { label: 'Fairlead, three sites, fall 1', confirms: false, isOurs: true },
  oneSiteUnconfirmed: { label: 'Fairlead, one site, fall 1', confirms: false, isOurs: true },
  ifurlup: { label: 'PowerDNS ifurlup', confirms: false, isOurs: false },
  ifportup: { label: 'PowerDNS ifportup', confirms: false, isOurs: false },
} as const satisfies Record<string, SystemAbout>

interface SystemAbout {
  readonly label: string
  readonly confirms: boolean
  readonly isOurs: boolean
}

export type SystemName = keyof typeof SYSTEMS
export const SYSTEM_NAMES = Object.keys(SYSTEMS) as readonly SystemName[]

/** `killed`: SIGKILL, connections are refused. `blackHoled`: every packet to it and from it is dropped. */
export type DeathKind = 'killed' | 'blackHoled'

/** From the moment of death, in ms. */
export interface Failover {
  /** The first right answer of any of its nameservers. */
  readonly firstMs: number
  /** All of its nameservers answer right, and go on doing so. */
  readonly lastMs: number
}

export interface Death {
  readonly kind: DeathKind
  readonly failovers: Readonly<Record<SystemName, Failover>>
}

export interface FailoverDetails {
  readonly intervalSec: number
  readonly timeoutSec: number
  readonly killsOfEachKind: number
  readonly seed: number
  readonly deaths: readonly Death[]
}
