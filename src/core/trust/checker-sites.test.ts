import { expect, it } from 'vitest'
import { configurationOf } from '../model/configuration.ts'
import { CheckerSites } from './checker-sites.ts'

function at(site: string, checker: string) {
  const checkers = [{ name: checker, address: '192.0.2.1', port: 7_000 }]
  return configurationOf([
    { kind: 'site', key: site, spec: { name: site, checkers, canaries: [] } },
    { kind: 'site', key: 'empty', spec: { name: 'empty', checkers: [], canaries: [] } },
  ])
}

it('a checker that the configuration has at another site is at a wrong one; whom it does not name is not', () => {
  const sites = new CheckerSites()
  const checker = { role: 'checker', site: 'ams', name: 'c1' } as const
  expect(sites.fault(checker, at('ams', 'c1'))).toBeNull()
  expect(sites.fault(checker, at('fra', 'c1'))).toBe(
    'the configuration has checker c1 at site fra, its certificate says ams',
  )
  expect(sites.fault(checker, at('fra', 'c2'))).toBeNull()
  expect(sites.fault({ ...checker, role: 'nameserver' }, at('fra', 'c1'))).toBeNull()
  expect(sites.fault({ role: 'control', name: 'c1' }, at('fra', 'c1'))).toBeNull()
})
