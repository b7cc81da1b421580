import { expect, it } from 'vitest'
import { ToldLately } from './told-lately.ts'

function rig() {
  let nowMs = 0
  const told = new ToldLately({ monotonicMs: () => nowMs })
  const pass = (ms: number) => {
    nowMs += ms
  }
  return { told, pass }
}

it('is told at once, then once an hour with how often it was since, and at once when it was over', () => {
  const { told, pass } = rig()
  const seen: (number | null)[] = []
  for (let minute = 0; minute < 180; minute += 1) {
    seen.push(told.tell('a', 'feed'))
    pass(60_000)
  }
  expect(seen.filter((one) => one !== null)).toEqual([0, 59, 59])
  expect(told.tell('a', 'reports')).toBe(0)
  expect(told.tell('b', 'feed')).toBe(0)
  expect(told.tell('b', 'feed')).toBeNull()
  told.forget('b')
  expect(told.tell('b', 'feed')).toBe(0)
})

it('remembers no more than so many, and tells of the others each time', () => {
  const { told, pass } = rig()
  for (let count = 0; count < 1_000; count += 1) told.tell(`${count}`, 'x')
  expect([told.tell('more', 'x'), told.tell('more', 'x'), told.tell('0', 'x')]).toEqual([0, 0, null])
  for (let count = 0; count < 100; count += 1) told.tell('1', `${count}`)
  expect([told.tell('1', '99'), told.tell('1', '99')]).toEqual([0, 0])
  pass(3_600_000)
  expect([told.tell('more', 'x'), told.tell('more', 'x')]).toEqual([0, null])
})
