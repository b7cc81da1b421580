/** docs/runbook.md against the code: every word that `explain` has for an endpoint, and every rule that holds a verdict, is explained. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { VERDICT_RULES } from '../src/core/health/verdict.ts'
import { ELIGIBILITY_REASONS } from '../src/core/steering/eligibility.ts'
import { explanationSchema } from '../src/core/views/explanation.ts'

const PAGE = readFileSync(join(import.meta.dirname, '../docs/runbook.md'), 'utf8')

it('docs/runbook.md explains the words of `explain`', () => {
  const kinds = explanationSchema.shape.kind.options.filter((kind) => kind !== 'load-balancer')
  const holds = VERDICT_RULES.filter((rule) => rule.startsWith('hold-'))
  const words = [...ELIGIBILITY_REASONS, ...holds, ...kinds, 'policy', 'when-down', 'no-endpoints']
  expect(words.filter((word) => !PAGE.includes(`\`${word}\``))).toEqual([])
})
