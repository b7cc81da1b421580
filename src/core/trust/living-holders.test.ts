import { expect, it } from 'vitest'
import { certifiedBy, livingHolders, withoutAuthority } from './living-holders.ts'

const [AMS, LON] = ['fairlead://checker/ams/ams-1', 'fairlead://checker/lon/lon-1']
const NOW_MS = 1_000_000_000
const DAY_MS = 86_400_000

const given = (serial: string, identity: string, issuedAtMs = NOW_MS) => ({
  ...{ serial, identity, issuedAtMs, notAfterMs: issuedAtMs + DAY_MS, revokedAtMs: null },
})
const revoked = (serial: string, identity: string) => ({ ...given(serial, identity), revokedAtMs: NOW_MS })
const noted = (serial: string, identity: string, issuedAtMs = NOW_MS) => ({
  ...{ serial, identity, issuedAtMs, notAfterMs: issuedAtMs + DAY_MS, seenAtMs: NOW_MS },
  ...{ authority: 'a', believes: ['a'] },
})
const living = (
  certificates: Parameters<typeof livingHolders>[0]['certificates'],
  notes: Parameters<typeof livingHolders>[0]['noted'],
) => livingHolders({ certificates, noted: notes, unsaid: 'a', nowMs: NOW_MS })

it('counts what an older program wrote down as of the oldest authority, and its holder as knowing none', () => {
  expect(living([given('1', AMS)], [])).toMatchObject([
    { serial: '1', authority: 'a', believes: [], seenAtMs: null },
  ])
})

it('leaves out what is revoked, wherever it was made, and what has ended, with five minutes for clocks', () => {
  const ended = NOW_MS - DAY_MS - 5 * 60_000
  const certificates = [
    revoked('1', AMS),
    revoked('2', ''),
    ...[given('3', AMS, ended), given('4', AMS, ended + 1)],
  ]
  const notes = [noted('1', AMS), noted('2', LON), noted('5', LON)]
  expect(living(certificates, notes).map(({ serial }) => serial)).toEqual(['4', '5'])
})

it('lets a certificate that was replaced go once its holder came with the new one, and not before', () => {
  const certificates = [given('1', AMS, NOW_MS - 2), given('2', AMS, NOW_MS - 1)]
  const old = noted('1', AMS, NOW_MS - 2)
  const renewed = { ...noted('2', AMS, NOW_MS - 1), authority: 'b', believes: ['a', 'b'] }
  const before = living(certificates, [old, { ...renewed, seenAtMs: null }])
  expect([certifiedBy(before, 'a'), withoutAuthority(before, 'b')]).toEqual([[AMS], [AMS]])
  const after = living(certificates, [old, renewed])
  expect([certifiedBy(after, 'a'), certifiedBy(after, 'b'), withoutAuthority(after, 'b')]).toEqual([
    [],
    [AMS],
    [],
  ])
})
