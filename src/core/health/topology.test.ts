import { describe, expect, it } from 'vitest'
import { configurationOf } from '../model/configuration.ts'
import { siteSchema } from '../model/site.ts'
import { topologyOf } from './topology.ts'

function site(name: string, ...checkers: string[]) {
  const spec = siteSchema.parse({
    name,
    checkers: checkers.map((checker, index) => ({
      name: checker,
      address: '192.0.2.1',
      port: 7_000 + index,
    })),
  })
  return { kind: 'site' as const, key: name, spec }
}

describe('topologyOf', () => {
  it('T1 the voting sites are those that have checkers, by name, each with its checkers by name', () => {
    const topology = topologyOf(
      configurationOf([site('fra', 'f2', 'f1'), site('edge'), site('ams', 'a1'), site('lon')]),
    )
    expect([...topology].map(([name, checkers]) => [name, ...checkers.map((one) => one.name)])).toEqual([
      ['ams', 'a1'],
      ['fra', 'f1', 'f2'],
    ])
    expect(topologyOf(configurationOf([site('edge')])).size).toBe(0)
  })
})
