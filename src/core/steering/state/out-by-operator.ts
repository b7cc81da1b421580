/** Whether an operator keeps an endpoint out of the answers, whatever its verdict is. */
import type { Configuration } from '../../model/configuration.ts'
import type { EndpointKey } from '../../model/resource.ts'
import { drainInForce, drainPhase, overrideInForce } from '../operations-in-force.ts'

export function isOutByOperator(
  endpoint: EndpointKey,
  configuration: Configuration,
  wallMs: number,
): boolean {
  const override = overrideInForce(configuration, endpoint, wallMs)
  if (override !== undefined) return override.state === 'forced-down'
  if (configuration.endpoint.get(endpoint)?.enabled === false) return true
  const drain = drainInForce(configuration, endpoint, wallMs)
  return drain !== undefined && drainPhase(drain, wallMs) === 'drained'
}
