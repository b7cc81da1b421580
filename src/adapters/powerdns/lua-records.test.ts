import { describe, expect, it } from 'vitest'
import { LuaRecords } from './lua-records.ts'

const ZONE = 'example.test'

describe('texts of LUA records in the zone itself', () => {
  it('are needed where a record names them, and what they name themselves', () => {
    const place = new LuaRecords(() => 0)
    const inner = place.keep({}, () => 'return 1')
    const outer = place.keep({}, () => `return function(F) return F.m('${inner}') end`)
    place.keep({}, () => 'return 2')
    const needed = place.needed(ZONE, [`return ${place.library('all')}.x('${outer}')`])
    const owner = (name: string) => `${name.toLowerCase()}._fairlead.${ZONE}`
    expect(new Set(needed.keys())).toEqual(new Set([owner(inner), owner(outer), [...needed.keys()][0]]))
    expect(needed.size).toBe(3)
    expect(needed.get(owner(inner))).toBe(`${inner} = (function() return 1 end)()`)
    expect([...place.needed('other.test', [inner]).keys()]).toEqual([
      `${inner.toLowerCase()}._fairlead.other.test`,
    ])
  })

  it('are one line without comments, quotes and what would begin a record anew', () => {
    const place = new LuaRecords(() => 0)
    place.library(['192.0.2.0/24'])
    const [text = ''] = [...place.needed(ZONE, [place.library(['192.0.2.0/24'])]).values()]
    expect(text).toContain('function F.w(count, choices)')
    expect(text).not.toMatch(/["\n]|--/)
  })

  it('go a minute after nothing names them, and not while something does', () => {
    let nowMs = 0
    const place = new LuaRecords(() => nowMs)
    const name = place.keep({}, () => 'return 1')
    const owner = `${name.toLowerCase()}._fairlead.${ZONE}`
    expect(place.isUnused(`www.${ZONE}`, ZONE)).toBeNull()
    expect(place.isUnused(owner, ZONE)).toBe(false)
    nowMs = 59_999
    expect(place.isUnused(owner, ZONE)).toBe(false)
    place.needed(ZONE, [name])
    nowMs = 70_000
    expect(place.isUnused(owner, ZONE)).toBe(false)
    nowMs = 130_000
    expect(place.isUnused(owner, ZONE)).toBe(true)
  })

  it('that are too long for a record are refused with their length', () => {
    const place = new LuaRecords(() => 0)
    expect(() => place.keep({}, () => `return '${'x'.repeat(60_001)}'`)).toThrow(/60\d{3} characters long/)
  })
})
