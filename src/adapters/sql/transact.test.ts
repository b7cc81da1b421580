import { describe, expect, it } from 'vitest'
import { DatabaseError, type DatabaseErrorCode } from './database-error.ts'
import { untilDone, type Attempt } from './transact.ts'

/** Fails with these one after another, then succeeds; what each try was told. */
async function triesOf(...codes: readonly DatabaseErrorCode[]) {
  const told: boolean[] = []
  const work = ({ maybeDone }: Attempt) => {
    const code = codes[told.push(maybeDone) - 1]
    return code === undefined
      ? Promise.resolve('done')
      : Promise.reject(new DatabaseError(code, `it failed: ${code}`))
  }
  const outcome = await untilDone(work).catch((error: unknown) => error as DatabaseError)
  return { told, outcome }
}

describe('work that is run until it is done', () => {
  it('is run again after a lost race or connection, and told once an earlier try may have been committed', async () => {
    expect(await triesOf('raced', 'lost', 'unknown', 'raced')).toEqual({
      told: [false, false, false, true, true],
      outcome: 'done',
    })
  })

  it.each(['busy', 'access', 'disk-full'] as const)('is not run again after %s', async (code) => {
    expect(await triesOf(code)).toMatchObject({ told: [false], outcome: { code } })
  })

  it.each(['busy', 'access', 'disk-full'] as const)(
    'never claims that nothing was kept when %s ends it after a try that may have been committed',
    async (code) => {
      expect(await triesOf('unknown', code)).toMatchObject({
        told: [false, true],
        outcome: {
          code: 'unknown',
          message: `it failed: ${code}; whether the change was kept is not known: the same one may be sent again`,
        },
      })
    },
  )

  it.each(['unique', 'constraint', 'defect'] as const)('passes %s on as it is', async (code) => {
    expect(await triesOf('unknown', code)).toMatchObject({ outcome: { code } })
  })
})
