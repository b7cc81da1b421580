import { expect, it } from 'vitest'
import { DelayLine } from './delay-line.ts'

it('gives out what it has held for its time, and tells when the next is due', () => {
  const line = new DelayLine<string>(10)
  line.delayMs = 150
  expect(line.nextMs).toBeNull()
  expect([line.enter('a', 0), line.enter('b', 10)]).toEqual([true, true])
  expect(line.leave(149)).toEqual([])
  expect(line.nextMs).toBe(150)
  expect(line.leave(150)).toEqual(['a'])
  expect(line.leave(1_000)).toEqual(['b'])
  expect(line.nextMs).toBeNull()
})

it('keeps the order when the delay shrinks', () => {
  const line = new DelayLine<string>(10)
  line.delayMs = 150
  line.enter('a', 0)
  line.delayMs = 0
  line.enter('b', 1)
  expect(line.leave(149)).toEqual([])
  expect(line.leave(150)).toEqual(['a', 'b'])
})

it('loses what comes when it is full', () => {
  const line = new DelayLine<string>(1)
  line.delayMs = 0
  expect([line.enter('a', 0), line.enter('b', 0)]).toEqual([true, false])
  expect(line.leave(0)).toEqual(['a'])
})

it('carries nothing before its delay is told', () => {
  const line = new DelayLine<string>(1)
  expect(line.enter('a', 0)).toBe(false)
  expect(line.nextMs).toBeNull()
})
