/**
 * The service binding of a load balancer: one HTTPS or SVCB record at its name, whose target is the name itself (RFC 9460 2.5.2).
 * What must stay true: hints are what the address records answer, so only where those are the same for every client; a name
 * that answers with no address has no binding either.
 */
import type { LoadBalancer } from '../model/load-balancer.ts'
import type { Decision } from './decision.ts'

type ServiceBinding = NonNullable<LoadBalancer['serviceBinding']>

/** `addresses`: the decisions for A and AAAA. */
export function decideServiceBinding(
  { name }: LoadBalancer,
  binding: ServiceBinding,
  addresses: readonly Decision[],
): Decision {
  const { type } = binding
  const records = addresses.flatMap(({ record }) => record ?? [])
  const ttlSec = Math.min(...records.map((record) => record.ttlSec))
  const base = { type, candidates: [], routes: [], ttlReason: `TTL ${ttlSec}: that of the addresses` }
  const rule = addresses.some((decision) => decision.rule === 'policy')
    ? 'policy'
    : addresses.some((decision) => decision.rule === 'when-down')
      ? 'when-down'
      : 'no-endpoints'
  if (records.length === 0)
    return { ...base, rule, record: null, steps: [`no address is answered, so no ${type} either`] }
  if (records.every(({ kind }) => kind === 'refused'))
    return {
      ...base,
      rule,
      record: { kind: 'refused', name, type, ttlSec },
      steps: [`the addresses are refused, so ${type} is`],
    }
  const hints = addresses.flatMap(({ type: of, record }) =>
    record?.kind === 'plain' ? [{ key: of === 'A' ? 'ipv4hint' : 'ipv6hint', values: record.values }] : [],
  )
  const hinted = hints.map(
    ({ key, values }) => `${values.length === 1 ? 'one address' : `${values.length} addresses`} as ${key}`,
  )
  return {
    ...base,
    rule,
    record: { kind: 'plain', name, type, ttlSec, values: [textOf(binding, hints)] },
    steps: [
      `a ${type} record beside the addresses, with ${hinted.length === 0 ? 'no hints: they are not the same for every client' : hinted.join(', ')}`,
      base.ttlReason,
    ],
  }
}

/** Presentation format, parameters in order of their numbers (RFC 9460 2.1 and 14.3.2). */
function textOf(
  { priority, alpn, port }: ServiceBinding,
  hints: readonly { readonly key: string; readonly values: readonly string[] }[],
): string {
  const parameters = [
    ...(alpn.length === 0 ? [] : [`alpn=${alpn.join(',')}`]),
    ...(port === undefined ? [] : [`port=${port}`]),
    ...hints.map(({ key, values }) => `${key}=${values.join(',')}`),
  ]
  return [String(priority), '.', ...parameters].join(' ')
}
