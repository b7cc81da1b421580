import { expect, it } from 'vitest'
import { ProbeGate } from './probe-gate.ts'

it('starts at most its limit at once, in order, and what was withdrawn never', () => {
  const gate = new ProbeGate(2)
  const started: number[] = []
  const withdraw = [0, 1, 2, 3, 4].map((id) => gate.enter(() => started.push(id)))
  expect(started).toEqual([0, 1])
  expect([gate.running, gate.waiting]).toEqual([2, 3])
  withdraw[2]?.()
  gate.leave()
  expect(started).toEqual([0, 1, 3])
  gate.leave()
  gate.leave()
  gate.leave()
  expect(started).toEqual([0, 1, 3, 4])
  expect([gate.running, gate.waiting]).toEqual([0, 0])
})
