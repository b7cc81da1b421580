/** What a configuration says of health, written short: for tests alone. */
import type { EndpointKey } from '../../model/resource.ts'
import { electorateOf, type Judging } from '../electorate.ts'
import type { HealthIntent } from '../health-intent.ts'

/** `definitions` by endpoint. `sites`: those with checkers; none: whoever is heard votes. */
export function intentOf(
  definitions: Readonly<Record<EndpointKey, string>>,
  {
    sites = [],
    judging = {},
  }: { readonly sites?: readonly string[]; readonly judging?: Partial<Judging> } = {},
): HealthIntent {
  const electorate = electorateOf([{ quorum: 'majority', voters: 5, ...judging }])
  return {
    endpoints: new Map(
      Object.entries(definitions).map(([endpoint, definition]) => [endpoint, { definition, electorate }]),
    ),
    topology: new Map(
      sites.toSorted().map((site) => [site, [{ name: `${site}-1`, address: '192.0.2.1', port: 7_000 }]]),
    ),
  }
}
