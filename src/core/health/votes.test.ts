import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { voteOfSite, type Ballot } from './votes.ts'

function ballot(state?: Ballot['state'], { live = true, degraded = false } = {}): Ballot {
  return { checker: 'c', live, fenced: !live, ...(state && { state, degraded }) }
}

const anyBallot = fc
  .record({
    state: fc.constantFrom(undefined, 'unknown' as const, 'up' as const, 'suspect' as const, 'down' as const),
    live: fc.boolean(),
    degraded: fc.boolean(),
  })
  .map(({ state, live, degraded }) => ballot(state, { live, degraded }))

describe('voteOfSite', () => {
  it("V1 a site's vote is the majority of its live checkers that know; suspect counts as up, a tie is no vote", () => {
    const vote = (...ballots: Ballot[]) => voteOfSite('ams', ballots).vote
    expect(vote(ballot('up'))).toBe('up')
    expect(vote(ballot('suspect'))).toBe('up')
    expect(vote(ballot('down'))).toBe('down')
    expect(vote(ballot('down'), ballot('up'))).toBeNull()
    expect(vote(ballot('down'), ballot('up'), ballot('suspect'))).toBe('up')
    expect(vote()).toBeNull()
  })

  it('V2 who is not live, knows nothing, or has said nothing never counts', () => {
    const silent = [ballot('down', { live: false }), ballot('unknown'), ballot()]
    expect(voteOfSite('ams', silent).vote).toBeNull()
    expect(voteOfSite('ams', [...silent, ballot('up')]).vote).toBe('up')
    fc.assert(
      fc.property(fc.array(anyBallot), (ballots) => {
        const heard = ballots.filter((one) => one.live && one.state !== undefined && one.state !== 'unknown')
        const all = voteOfSite('ams', ballots)
        const some = voteOfSite('ams', heard)
        expect([all.vote, all.degraded]).toEqual([some.vote, some.degraded])
        const down = heard.filter((one) => one.state === 'down').length
        expect(all.vote === 'down').toBe(down * 2 > heard.length)
        expect(all.vote === 'up').toBe(down * 2 < heard.length)
        expect(all.ballots).toBe(ballots)
      }),
    )
  })

  it('V3 a site is degraded when it votes up and most of those who say up say degraded', () => {
    const degraded = ballot('up', { degraded: true })
    expect(voteOfSite('ams', [degraded, degraded, ballot('up')]).degraded).toBe(true)
    expect(voteOfSite('ams', [degraded, ballot('up')]).degraded).toBe(false)
    expect(voteOfSite('ams', [degraded, ballot('down'), ballot('down')])).toMatchObject({
      vote: 'down',
      degraded: false,
    })
    expect(voteOfSite('ams', [ballot('down', { degraded: true }), ballot('up'), ballot('up')])).toMatchObject(
      {
        vote: 'up',
        degraded: false,
      },
    )
  })

  it('V18 whoever was lost a short while ago counts by its last word, against a vote and never for one', () => {
    const lost = (lastWord: Ballot['state']): Ballot => ({
      ...ballot('up', { live: false }),
      lastWord: lastWord!,
    })
    const vote = (...ballots: Ballot[]) => voteOfSite('ams', ballots).vote
    expect(vote(lost('up'), lost('up'))).toBeNull()
    expect(vote(ballot('down'), lost('up'))).toBeNull()
    expect(vote(ballot('down'), lost('down'))).toBe('down')
    expect(vote(ballot('down'), ballot('down'), lost('suspect'))).toBe('down')
    expect(vote(ballot('up'), lost('down'))).toBeNull()
    expect(vote(ballot('up'), lost('unknown'))).toBe('up')
    // Restarted: it lives, and has no opinion yet.
    expect(vote(ballot('down'), { ...ballot('unknown'), lastWord: 'up' })).toBeNull()
    // One that has an opinion again is heard, not remembered.
    expect(vote(ballot('down'), { ...ballot('down'), lastWord: 'up' })).toBe('down')
  })

  it('I3 V20 inside one site: losing any of its checkers takes its vote away or leaves it, and never turns it', () => {
    fc.assert(
      fc.property(fc.array(anyBallot), fc.array(fc.boolean()), (ballots, losses) => {
        const before = voteOfSite('ams', ballots).vote
        const after = ballots.map((one, index): Ballot => {
          if (!losses[index] || !one.live || one.state === undefined) return one
          const { state } = one
          return index % 2 === 0
            ? { ...one, live: false, lastWord: state }
            : { ...one, state: 'unknown', lastWord: state }
        })
        expect([before, null]).toContain(voteOfSite('ams', after).vote)
      }),
    )
  })
})
