import { expect, it } from 'vitest'
import { growth, sampleOf, type Sample } from './growth.ts'

const sample = (pid: number, rssMb: number, files = 20): Sample => ({ process: `p${pid}`, pid, rssMb, files })

it('compares a process with itself: what came back is no growth, what stays is', () => {
  expect(growth([sample(1, 100), sample(2, 300), sample(1, 210), sample(2, 310)])).toEqual([])
  expect(growth([sample(1, 100), sample(1, 300), sample(1, 120)])).toEqual([])
  expect(growth([sample(1, 100), sample(1, 215)])).toEqual(['p1: 215 MB, 100 MB at first, at most 214'])
  expect(growth([sample(1, 100), sample(1, 100, 85)])).toEqual(['p1: 85 open files, 20 at first, at most 84'])
})

it('reads its own process, and says nothing of one that is gone', () => {
  expect(sampleOf('me', process.pid)).toMatchObject({ pid: process.pid })
  expect(sampleOf('me', process.pid)?.rssMb).toBeGreaterThan(10)
  expect(sampleOf('me', process.pid)?.files).toBeGreaterThan(2)
  expect(sampleOf('none', 2 ** 22 + 1)).toBeNull()
})
