import { describe, expect, it } from 'vitest'
import { parseLabOptions } from './parse-lab-options.ts'

describe('the options of the lab', () => {
  it('are numbers where they have to be, and of a size that makes sense', () => {
    expect(parseLabOptions({ delay: '2.5', minutes: '1', sites: '5' })).toMatchObject({
      ...{ delay: 2.5, minutes: 1, sites: 5, rate: 20 },
    })
    const bad = [
      { delay: '' },
      { minutes: '' },
      { minutes: '0' },
      { sites: '3.5' },
      { rate: ' 5' },
      { seed: 'x' },
    ]
    for (const values of bad)
      expect(() => parseLabOptions(values)).toThrow(`--${Object.keys(values)[0] ?? ''}`)
  })

  it('can be parsed again, as the supervisor of a lab does', () => {
    const options = parseLabOptions({ pace: '1s', delay: '3' })
    expect(parseLabOptions(JSON.parse(JSON.stringify(options)) as typeof options)).toEqual(options)
  })
})
