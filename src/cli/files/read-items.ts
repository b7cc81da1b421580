/** The resources of one document, each with its place; also of a document that has faults elsewhere. */
import type { z } from 'zod'
import type { Document } from '../../core/model/document.ts'
import { pointerTo } from '../../core/model/fault.ts'
import { clientMapSchema } from '../../core/model/client-map.ts'
import { drainSchema } from '../../core/model/drain.ts'
import { loadBalancerSchema } from '../../core/model/load-balancer.ts'
import { monitorSchema } from '../../core/model/monitor.ts'
import { overrideSchema } from '../../core/model/override.ts'
import { poolSchema } from '../../core/model/pool.ts'
import { protectionSchema } from '../../core/model/protection.ts'
import type { WrittenKind } from '../../core/model/resource.ts'
import { ruleSchema } from '../../core/model/rule.ts'
import { SETTINGS_KEY, settingsSchema } from '../../core/model/settings.ts'
import { siteSchema } from '../../core/model/site.ts'
import { zoneSchema } from '../../core/model/zone.ts'
import { salvageItem } from './salvage-item.ts'

/** Kinds that stand in lists. */
type ListedKind = Exclude<WrittenKind, 'endpoint' | 'settings'>
export type ItemKind = ListedKind | 'settings'

export const LIST_OF = {
  site: 'sites',
  zone: 'zones',
  monitor: 'monitors',
  pool: 'pools',
  clientMap: 'clientMaps',
  loadBalancer: 'loadBalancers',
  override: 'overrides',
  drain: 'drains',
  rule: 'rules',
  protection: 'protections',
} as const satisfies Record<ListedKind, keyof Document>

const SCHEMA_OF = {
  settings: settingsSchema,
  site: siteSchema,
  zone: zoneSchema,
  monitor: monitorSchema,
  pool: poolSchema,
  clientMap: clientMapSchema,
  loadBalancer: loadBalancerSchema,
  override: overrideSchema,
  drain: drainSchema,
  rule: ruleSchema,
  protection: protectionSchema,
} as const satisfies Record<ItemKind, z.ZodType>

type ListName = (typeof LIST_OF)[ListedKind]

export interface Item {
  readonly kind: ItemKind
  /** Into the document. */
  readonly pointer: string
  /** As the model keeps it, or as it was written where that is not known; null when it has none. */
  readonly name: string | null
  /** null when too little of it is valid. */
  readonly spec: { readonly name: string } | null
  /** Names of the endpoints of a pool, as they were written, by index. */
  readonly endpoints: readonly (string | null)[]
}

/** `checked` is what the document's schema said of `value`. */
export function* itemsOf(value: unknown, checked: z.ZodSafeParseResult<Document>): Generator<Item> {
  const settings = field(value, 'settings')
  if (settings !== undefined) {
    const spec = checked.success ? (checked.data.settings ?? null) : specOf(settings, 'settings')
    yield { kind: 'settings', pointer: '/settings', name: SETTINGS_KEY, spec, endpoints: [] }
  }
  for (const [kind, list] of Object.entries(LIST_OF) as [ListedKind, ListName][]) {
    const written = field(value, list)
    if (!Array.isArray(written)) continue
    for (const [index, item] of (written as unknown[]).entries()) {
      const spec = checked.success ? (checked.data[list][index] ?? null) : specOf(item, kind)
      yield {
        kind,
        pointer: pointerTo('', list, index),
        name: spec?.name ?? nameOf(item),
        spec,
        endpoints: kind === 'pool' ? endpointNames(item) : [],
      }
    }
  }
}

function specOf(item: unknown, kind: ItemKind): Item['spec'] {
  const schema = SCHEMA_OF[kind]
  const parsed = schema.safeParse(item)
  return parsed.success ? parsed.data : salvageItem(item, schema, parsed.error)
}

function endpointNames(item: unknown): (string | null)[] {
  const endpoints = field(item, 'endpoints')
  return Array.isArray(endpoints) ? endpoints.map(nameOf) : []
}

function nameOf(item: unknown): string | null {
  const name = field(item, 'name')
  return typeof name === 'string' ? name : null
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined
}
