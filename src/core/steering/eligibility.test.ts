import { expect, it } from 'vitest'
import { endpointSchema } from '../model/pool.ts'
import { judgeEligibility, type VerdictView } from './eligibility.ts'

const endpoint = endpointSchema.parse({ name: 'a', address: '192.0.2.1', port: 80, site: 'ams' })

function judge(verdict: Partial<VerdictView> | undefined, { enabled = true, monitored = true } = {}) {
  const { eligible, reason, lastUp } = judgeEligibility(
    { key: 'web/a', pool: 'web', endpoint: { ...endpoint, enabled } },
    { monitored, verdict: verdict && { state: 'up', degraded: false, lastUp: 0, ...verdict } },
  )
  return [reason, eligible, lastUp]
}

it('disabled comes before everything, then whether it is monitored, then the verdict', () => {
  expect(judge({ lastUp: 4 }, { enabled: false })).toEqual(['disabled', false, 4])
  expect(judge(undefined, { enabled: false, monitored: false })).toEqual(['disabled', false, 0])
  expect(judge({ state: 'down' }, { monitored: false })).toEqual(['unmonitored', true, 0])
  expect(judge({})).toEqual(['up', true, 0])
  expect(judge({ degraded: true })).toEqual(['degraded', true, 0])
  expect(judge({ state: 'down', degraded: true, lastUp: 2 })).toEqual(['down', false, 2])
  expect(judge({ state: 'unknown' })).toEqual(['unknown', false, 0])
  expect(judge(undefined)).toEqual(['unknown', false, 0])
})
