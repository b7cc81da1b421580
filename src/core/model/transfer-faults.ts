/** What the schema of a zone cannot see of the servers that it names: keys that are not there, and servers that stand twice. */
import type { Configuration } from './configuration.ts'
import { missing, repeated, type LocalFault } from './local-fault.ts'
import type { Zone } from './zone.ts'

/** The keys that the zone names, each with its place. */
export function tsigKeysOf({ transfers }: Zone): { readonly tsigKey: string; readonly pointer: string }[] {
  return (transfers?.secondaries ?? []).map(({ tsigKey }, index) => ({
    tsigKey,
    pointer: `/transfers/secondaries/${index}/tsigKey`,
  }))
}

export function transferFaults(zone: Zone, configuration: Configuration): LocalFault[] {
  const secondaries = (zone.transfers?.secondaries ?? []).map(
    ({ address, port }) => `${address} port ${port}`,
  )
  return [
    ...tsigKeysOf(zone).flatMap(({ tsigKey, pointer }) =>
      missing(configuration, { kind: 'tsigKey', key: tsigKey, pointer }),
    ),
    ...secondaries.flatMap((_, index) => repeated(secondaries, index, '/transfers/secondaries')),
  ]
}
