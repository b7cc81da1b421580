import { expect, it } from 'vitest'
import { namesDiffer } from './names-differ.ts'
import type { FaultMatrix } from './results.ts'

const matrix = (...names: string[]) => ({
  faults: names.map((name) => ({ name }) as FaultMatrix['faults'][number]),
})

it('names what is missing, what is too much, and what is there twice', () => {
  expect(namesDiffer(matrix('a', 'b'), ['b', 'a'])).toEqual([])
  expect(namesDiffer(matrix('a', 'c', 'a'), ['a', 'b'])).toEqual([
    ...['b was not run', 'c is no fault any more', 'a was run more than once'],
  ])
})
