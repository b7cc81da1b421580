/** What the schema of a zone cannot see of the servers that it names: keys that are not there, and servers that stand twice. */
import type { Configuration } from './configuration.ts'
import { missing, repeated, type LocalFault } from './local-fault.ts'
import type { Zone } from './zone.ts'

interface NamedServer {
  readonly place: string
  readonly tsigKey: string
  readonly pointer: string
}

/** The keys that the zone names, each with its place. */
export function tsigKeysOf(zone: Zone): { readonly tsigKey: string; readonly pointer: string }[] {
  return [...secondariesOf(zone), ...targetsOf(zone)].map(({ tsigKey, pointer }) => ({
    tsigKey,
    pointer: `${pointer}/tsigKey`,
  }))
}

export function transferFaults(zone: Zone, configuration: Configuration): LocalFault[] {
  const [secondaries, targets] = [secondariesOf(zone), targetsOf(zone)]
  const transferred = new Set(secondaries.map(({ place }) => place))
  const places = (servers: readonly NamedServer[]) => servers.map(({ place }) => place)
  return [
    ...tsigKeysOf(zone).flatMap(({ tsigKey, pointer }) =>
      missing(configuration, { kind: 'tsigKey', key: tsigKey, pointer }),
    ),
    ...secondaries.flatMap((_, index) => repeated(places(secondaries), index, '/transfers/secondaries')),
    ...targets.flatMap((_, index) => repeated(places(targets), index, '/updates/targets')),
    ...targets
      .filter(({ place }) => transferred.has(place))
      .map(({ place, pointer }) => ({
        pointer,
        message: `${place} gets the zone by transfer already: a server takes the whole of it, or updates of its own, not both`,
      })),
  ]
}

function secondariesOf({ transfers }: Zone): NamedServer[] {
  return (transfers?.secondaries ?? []).map(({ address, port, tsigKey }, index) => ({
    ...{ place: `${address} port ${port}`, tsigKey },
    pointer: `/transfers/secondaries/${index}`,
  }))
}

function targetsOf({ updates }: Zone): NamedServer[] {
  return (updates?.targets ?? []).map(({ address, port, tsigKey }, index) => ({
    ...{ place: `${address} port ${port}`, tsigKey },
    pointer: `/updates/targets/${index}`,
  }))
}
