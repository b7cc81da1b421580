/**
 * The document: a configuration as people keep it in files, as `export` gives it and `apply` takes it. Pools hold their
 * endpoints; lists, so that a mistake has a place; a name stands once in its list.
 * What must stay true: `documentOf` of what a document makes is the same document, in order of name.
 */
import { z } from 'zod'
import type { ChangeRequest } from '../views/change-set.ts'
import { clientMapSchema } from './client-map.ts'
import { endpointsByPool, type Configuration } from './configuration.ts'
import { drainSchema } from './drain.ts'
import { pointerTo } from './fault.ts'
import { loadBalancerSchema } from './load-balancer.ts'
import { monitorSchema } from './monitor.ts'
import { overrideSchema } from './override.ts'
import { poolSchema } from './pool.ts'
import { endpointKey, type Resource } from './resource.ts'
import { protectionSchema } from './protection.ts'
import { ruleSchema } from './rule.ts'
import { settingsSchema, SETTINGS_KEY } from './settings.ts'
import { siteSchema } from './site.ts'
import { zoneSchema } from './zone.ts'

const listOf = <T extends z.ZodType>(schema: T) => z.array(schema).max(100_000).default([])

export const documentSchema = z
  .strictObject({
    settings: settingsSchema.optional().describe('Settings of the whole cluster'),
    sites: listOf(siteSchema).describe('Data centres and vantage locations'),
    zones: listOf(zoneSchema).describe('DNS zones'),
    monitors: listOf(monitorSchema).describe('Definitions of checks'),
    pools: listOf(poolSchema).describe('Sets of endpoints'),
    clientMaps: listOf(clientMapSchema).describe('Named sets of prefixes, for rules'),
    loadBalancers: listOf(loadBalancerSchema).describe('Steered DNS names'),
    overrides: listOf(overrideSchema).describe('Forced states of endpoints'),
    drains: listOf(drainSchema).describe('What is taken out for maintenance'),
    rules: listOf(ruleSchema).describe('What every change must leave standing'),
    protections: listOf(protectionSchema).describe('What changes only after an approval'),
  })
  .check((context) => {
    const report = (path: PropertyKey[], message: string) =>
      context.issues.push({ code: 'custom', path, message, input: null, continue: true })
    for (const { list, word } of LISTS) reportRepeated(context.value[list], { path: [list], word, report })
    for (const [index, pool] of context.value.pools.entries())
      reportRepeated(pool.endpoints, { path: ['pools', index, 'endpoints'], word: 'endpoint', report })
  })
  .meta({ id: 'Document', description: 'A whole configuration, as files hold it.' })

export type Document = z.output<typeof documentSchema>

/** The lists of a document in the order in which references allow their resources to be created. */
const LISTS = [
  { list: 'sites', word: 'site' },
  { list: 'zones', word: 'zone' },
  { list: 'monitors', word: 'monitor' },
  { list: 'pools', word: 'pool' },
  { list: 'clientMaps', word: 'client map' },
  { list: 'loadBalancers', word: 'load balancer' },
  { list: 'overrides', word: 'override' },
  { list: 'drains', word: 'drain' },
  { list: 'rules', word: 'rule' },
  { list: 'protections', word: 'protection' },
] as const

/** The configuration as a document, every list in order of name. */
export function documentOf(configuration: Configuration): Document {
  const endpoints = endpointsByPool(configuration)
  const byName = <T extends { readonly name: string }>(specs: ReadonlyMap<string, T>): T[] =>
    [...specs.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
  const settings = configuration.settings.get(SETTINGS_KEY)
  return {
    ...(settings && { settings }),
    sites: byName(configuration.site),
    zones: byName(configuration.zone),
    monitors: byName(configuration.monitor),
    pools: byName(configuration.pool).map((pool) => ({
      ...pool,
      endpoints: [...(endpoints.get(pool.name) ?? [])],
    })),
    clientMaps: byName(configuration.clientMap),
    loadBalancers: byName(configuration.loadBalancer),
    overrides: byName(configuration.override),
    drains: byName(configuration.drain),
    rules: byName(configuration.rule),
    protections: byName(configuration.protection),
  }
}

/** What to post as the `changes` of a change set, so that everything in the document is as it says. Deletes nothing else. */
export function changesOfDocument(document: Document): ChangeRequest[] {
  const { settings } = document
  return [
    ...(settings === undefined ? [] : [{ op: 'put', kind: 'settings', spec: settings } as const]),
    ...document.sites.map((spec) => ({ op: 'put', kind: 'site', spec }) as const),
    ...document.zones.map((spec) => ({ op: 'put', kind: 'zone', spec }) as const),
    ...document.monitors.map((spec) => ({ op: 'put', kind: 'monitor', spec }) as const),
    ...document.pools.map((spec) => ({ op: 'put', kind: 'pool', spec }) as const),
    ...document.clientMaps.map((spec) => ({ op: 'put', kind: 'clientMap', spec }) as const),
    ...document.loadBalancers.map((spec) => ({ op: 'put', kind: 'loadBalancer', spec }) as const),
    ...document.overrides.map((spec) => ({ op: 'put', kind: 'override', spec }) as const),
    ...document.drains.map((spec) => ({ op: 'put', kind: 'drain', spec }) as const),
    ...document.rules.map((spec) => ({ op: 'put', kind: 'rule', spec }) as const),
    ...document.protections.map((spec) => ({ op: 'put', kind: 'protection', spec }) as const),
  ]
}

/** Pointer into the document of the spec of each change of `changesOfDocument`, at the same index. */
export function pointersOfDocument(document: Document): string[] {
  const lists = LISTS.flatMap(({ list }) => document[list].map((_, index) => pointerTo('', list, index)))
  return document.settings === undefined ? lists : ['/settings', ...lists]
}

/** The resources that the document makes, for checks without a server: see `configurationOf` and `checkReferences`. */
export function resourcesOfDocument(document: Document): Resource[] {
  const { settings } = document
  return [
    ...(settings === undefined ? [] : [{ kind: 'settings', key: settings.name, spec: settings } as const]),
    ...document.sites.map((spec) => ({ kind: 'site', key: spec.name, spec }) as const),
    ...document.zones.map((spec) => ({ kind: 'zone', key: spec.name, spec }) as const),
    ...document.monitors.map((spec) => ({ kind: 'monitor', key: spec.name, spec }) as const),
    ...document.pools.flatMap(({ endpoints, ...pool }): Resource[] => [
      { kind: 'pool', key: pool.name, spec: pool },
      ...endpoints.map(
        (spec) => ({ kind: 'endpoint', key: endpointKey(pool.name, spec.name), spec }) as const,
      ),
    ]),
    ...document.clientMaps.map((spec) => ({ kind: 'clientMap', key: spec.name, spec }) as const),
    ...document.loadBalancers.map((spec) => ({ kind: 'loadBalancer', key: spec.name, spec }) as const),
    ...document.overrides.map((spec) => ({ kind: 'override', key: spec.name, spec }) as const),
    ...document.drains.map((spec) => ({ kind: 'drain', key: spec.name, spec }) as const),
    ...document.rules.map((spec) => ({ kind: 'rule', key: spec.name, spec }) as const),
    ...document.protections.map((spec) => ({ kind: 'protection', key: spec.name, spec }) as const),
  ]
}

function reportRepeated(
  list: readonly { readonly name: string }[],
  at: { path: PropertyKey[]; word: string; report: (path: PropertyKey[], message: string) => void },
): void {
  const first = new Map<string, number>()
  for (const [index, { name }] of list.entries()) {
    const earlier = first.get(name)
    if (earlier === undefined) first.set(name, index)
    else
      at.report(
        [...at.path, index, 'name'],
        `a second ${at.word} '${name}': the first is ${pointerTo('', ...at.path, earlier)}`,
      )
  }
}
