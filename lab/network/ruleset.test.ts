import { expect, it } from 'vitest'
import { backboneRuleset, siteRuleset } from './ruleset.ts'

it('drops what is cut one way, and a share between the lossy, and replaces the whole table', () => {
  const both = '{ "ams", "ams-slow", "fra", "fra-slow" }'
  const text = backboneRuleset({ cuts: [['ams', 'fra']], lossPercent: 30, lossy: ['ams', 'fra'] })
  expect(text.split('\n').map((line) => line.trim())).toEqual([
    ...['table inet lab', 'delete table inet lab', 'table inet lab {', 'chain forward {'],
    'type filter hook forward priority 0; policy accept;',
    'iifname { "ams", "ams-slow" } oifname { "fra", "fra-slow" } counter drop',
    `iifname ${both} oifname ${both} numgen random mod 100 < 30 counter drop`,
    ...['}', '}', ''],
  ])
})

it('drops both families of a black hole, and nothing without one', () => {
  const rules = (text: string) => text.split('\n').filter((line) => line.includes('drop'))
  expect(rules(siteRuleset([{ v4: '10.1.0.101', v6: 'fd00:1::101' }]))).toHaveLength(2)
  expect(rules(siteRuleset([]))).toEqual([])
})
