/** Are the changes the ones that were approved? Keys are made anew for each try, and are no part of it. */
import { isDeepStrictEqual } from 'node:util'
import type { RecordedChange } from '../ports/recorded-change.ts'

export function areApproved(
  approved: readonly RecordedChange[],
  changes: readonly RecordedChange[],
): boolean {
  const written = (all: readonly RecordedChange[]): unknown =>
    JSON.parse(JSON.stringify(all.filter(({ kind }) => kind !== 'signingKeys')))
  return isDeepStrictEqual(written(approved), written(changes))
}
