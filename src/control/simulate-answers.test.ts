import { describe, expect, it } from 'vitest'
import { configurationOf, type Configuration } from '../core/model/configuration.ts'
import { documentSchema, resourcesOfDocument } from '../core/model/document.ts'
import { AnswerPlan } from '../core/steering/answer-plan.ts'
import { plainView } from '../core/steering/steering-view.ts'
import { simulationRequestSchema } from '../core/views/simulation.ts'
import { simulateAnswers } from './simulate-answers.ts'

/** Ten endpoints, and a budget of half of them. */
function configuration(withdrawalBudget: unknown): Configuration {
  const endpoints = Array.from({ length: 10 }, (_, index) => ({
    ...{ name: `e${index}`, address: `192.0.2.${index + 1}`, port: 80, site: index < 8 ? 'ams' : 'fra' },
  }))
  return configurationOf(
    resourcesOfDocument(
      documentSchema.parse({
        sites: [{ name: 'ams' }, { name: 'fra' }],
        monitors: [{ kind: 'tcp', name: 'm' }],
        zones: [{ name: 'example.test', nameservers: ['ns.elsewhere.test'] }],
        pools: [{ name: 'web', monitors: ['m'], endpoints }],
        loadBalancers: [
          {
            ...{ name: 'www.example.test', zone: 'example.test', withdrawalBudget },
            policy: { kind: 'all', pools: ['web'] },
          },
        ],
      }),
    ),
  )
}

function simulated(fail: readonly string[], withdrawalBudget: unknown = { share: '50%' }) {
  const present = configuration(withdrawalBudget)
  const view = plainView(() => ({ state: 'up', degraded: false, lastUp: 0 }))
  const result = simulateAnswers(simulationRequestSchema.parse({ fail }), {
    before: { configuration: present, plan: new AnswerPlan(present), view },
    ...{ revision: 1, draft: { configuration: present, changes: 0 } },
    saved: { ramps: [], falls: [], withdrawals: [], holds: [], latches: [] },
    now: { wallMs: 1_764_000_000_000, monotonicMs: 1_000 },
    locate: () => null,
  })
  if (result.kind !== 'simulated') throw new Error(JSON.stringify(result.faults))
  const { held, answers } = result.simulation
  return { held: held.map(({ endpoint }) => endpoint), left: answers[0]?.after?.shares.length }
}

describe('a simulated fault beyond the withdrawal budget', () => {
  it('holds what the budget does not reach for, and the answer keeps it', () => {
    const { held, left } = simulated(['site/ams'])
    expect(held).toHaveLength(3)
    expect(left).toBe(5)
  })

  it('within it nothing is held', () => {
    expect(simulated(['site/fra'])).toEqual({ held: [], left: 8 })
  })

  it('without one of its own that of all endpoints still holds: three quarters of them', () => {
    expect(simulated(['site/ams'], 'off')).toEqual({ held: ['web/e7'], left: 3 })
  })
})
