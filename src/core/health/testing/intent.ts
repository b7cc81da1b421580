/** What a configuration says of health, written short: for tests alone. */
import type { EndpointKey } from '../../model/resource.ts'
import { electorateOf, type Judging } from '../electorate.ts'
import type { HealthIntent } from '../health-intent.ts'

export interface IntentOptions {
  readonly sites?: readonly string[]
  readonly judging?: Partial<Judging>
  readonly checks?: string
}

/**
 * `definitions` by endpoint: another one is another target, unless `checks` says that it is other checks of the same one.
 * `sites`: those with checkers; none: whoever is heard votes.
 */
export function intentOf(
  definitions: Readonly<Record<EndpointKey, string>>,
  { sites = [], judging = {}, checks }: IntentOptions = {},
): HealthIntent {
  const electorate = electorateOf([{ quorum: 'majority', voters: 5, ...judging }])
  return {
    endpoints: new Map(
      Object.entries(definitions).map(([endpoint, definition]) => [
        endpoint,
        {
          definition,
          target: checks === undefined ? definition : endpoint,
          checks: checks ?? 'checks',
          monitors: 'm',
          electorate,
        },
      ]),
    ),
    topology: new Map(
      sites.toSorted().map((site) => [site, [{ name: `${site}-1`, address: '192.0.2.1', port: 7_000 }]]),
    ),
  }
}
