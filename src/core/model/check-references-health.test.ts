/** References and rules between sites, monitors and pools: who may vote. */
import { describe, expect, it } from 'vitest'
import { checkReferences, referrersOf } from './check-references.ts'
import { configurationOf } from './configuration.ts'
import { monitorSchema } from './monitor.ts'
import type { Resource } from './resource.ts'
import { siteSchema } from './site.ts'

function faults(resources: readonly Resource[]): string[] {
  return checkReferences(configurationOf(resources)).map(
    (fault) => `${fault.kind} ${fault.key} ${fault.pointer}: ${fault.message}`,
  )
}

const pool = (monitors: string[]): Resource => ({ kind: 'pool', key: 'web', spec: { name: 'web', monitors } })

describe('sites', () => {
  const at = (name: string, checkers: readonly string[], canaries: readonly number[] = []): Resource => ({
    kind: 'site',
    key: name,
    spec: siteSchema.parse({
      name,
      checkers: checkers.map((checker) => ({ name: checker, address: '192.0.2.1', port: 7_000 })),
      canaries: canaries.map((port) => ({ address: '192.0.2.9', port })),
    }),
  })

  it('names of checkers are unique, in a site and over all of them', () => {
    expect(faults([at('ams', ['c1', 'c2']), at('fra', ['c3'])])).toEqual([])
    expect(faults([at('ams', ['c1', 'c2', 'c1'])])).toEqual(["site ams /checkers/2: 'c1' stands here twice"])
    expect(faults([at('ams', ['c1']), at('fra', ['c2', 'c1'])])).toEqual([
      "site ams /checkers/0/name: the site 'fra' has a checker of this name already: names of checkers are unique",
      "site fra /checkers/1/name: the site 'ams' has a checker of this name already: names of checkers are unique",
    ])
  })

  it('a canary that stands there twice would weigh twice', () => {
    expect(faults([at('ams', [], [443, 80])])).toEqual([])
    expect(faults([at('ams', [], [443, 80, 443])])).toEqual([
      "site ams /canaries/2: '192.0.2.9 port 443' stands here twice",
    ])
  })
})

describe('who votes', () => {
  const site = (name: string, checkers: readonly string[] = [`${name}-1`]): Resource => ({
    kind: 'site',
    key: name,
    spec: siteSchema.parse({
      name,
      checkers: checkers.map((checker) => ({ name: checker, address: '192.0.2.1', port: 7_000 })),
    }),
  })
  const monitor = (name: string, fields: object): Resource => ({
    kind: 'monitor',
    key: name,
    spec: monitorSchema.parse({ kind: 'tcp', name, ...fields }),
  })
  const vantage = (...sites: string[]) => ({ vantage: { sites } })

  it('a vantage names sites that there are, once each, and that have checkers', () => {
    expect(faults([site('ams'), site('fra'), monitor('m', vantage('ams', 'fra'))])).toEqual([])
    expect(faults([site('ams'), monitor('m', vantage('ams', 'amz', 'ams'))])).toEqual([
      "monitor m /vantage/sites/1: there is no site 'amz', did you mean 'ams'?",
      "monitor m /vantage/sites/2: 'ams' stands here twice",
    ])
    expect(faults([site('ams'), site('fra', []), monitor('m', vantage('ams', 'fra'))])).toEqual([
      "monitor m /vantage/sites/1: the site 'fra' has no checkers, so it cannot vote: add some to it, or take it out here",
    ])
    // Without any topology whoever is heard votes: nothing is known against a site.
    expect(faults([site('ams', []), monitor('m', vantage('ams'))])).toEqual([])
  })

  it('a site that a monitor wants votes from cannot be deleted', () => {
    const configuration = configurationOf([site('ams'), monitor('m', vantage('ams')), monitor('n', {})])
    expect(referrersOf(configuration, { kind: 'site', key: 'ams' })).toEqual([{ kind: 'monitor', key: 'm' }])
  })

  it('monitors of one pool that conflict are a fault of the pool', () => {
    const sites = [site('ams'), site('fra'), site('lon')]
    const monitors = [monitor('a', vantage('ams', 'lon')), monitor('b', vantage('fra')), monitor('c', {})]
    expect(faults([...sites, ...monitors, pool(['a', 'c'])])).toEqual([])
    expect(faults([...sites, ...monitors, pool(['a', 'c', 'b'])])).toEqual([
      'pool web /monitors: its monitors have no site in common that may vote (vantage.sites)',
    ])
  })
})
