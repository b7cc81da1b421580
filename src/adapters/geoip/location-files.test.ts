import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../clock/system-clock.ts'
import { LocationFiles } from './location-files.ts'
import { locationDatabase } from './testing/location-database.ts'

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fairlead-geoip-'))
  path = join(folder, 'city.mmdb')
  replace({ '203.0.113.0/24': { continent: 'EU', country: 'NL', latitude: 52.37, longitude: 4.9 } })
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

function replace(places: Parameters<typeof locationDatabase>[0], to = path): void {
  writeFileSync(`${to}.new`, locationDatabase(places))
  renameSync(`${to}.new`, to)
}

/** Alarms and changes as they come, one promise for the next of either. */
function watched(paths: readonly string[]) {
  let next = Promise.withResolvers<string>()
  const tell = (what: string) => {
    next.resolve(what)
    next = Promise.withResolvers<string>()
  }
  const files = new LocationFiles({
    ...{ paths, clock: { ...systemClock, after: (_ms, step) => systemClock.after(5, step) }, keeps: true },
    onAlarm: tell,
    onChanged: () => {
      tell('changed')
      return Promise.resolve()
    },
  })
  return { files, next: () => next.promise }
}

describe('databases of locations', () => {
  it('say where an address of either family is, and nothing of others', async () => {
    replace({
      '203.0.113.0/24': { continent: 'EU', country: 'NL', latitude: 52.37, longitude: 4.9 },
      '203.0.113.128/25': { continent: 'EU', country: 'BE' },
      '2001:db8::/32': { continent: 'NA', country: 'US', asn: 64500 },
    })
    const { files } = watched([path])
    await files.start()
    expect(files.locate('203.0.113.1')).toEqual({
      continent: 'EU',
      country: 'NL',
      latitude: 52.37,
      longitude: 4.9,
    })
    expect(files.locate('203.0.113.200')).toEqual({ continent: 'EU', country: 'BE' })
    expect(files.locate('2001:db8::1')).toEqual({ continent: 'NA', country: 'US', asn: 64500 })
    expect(files.locate('198.51.100.1')).toBeNull()
    await files.stop()
  })

  it('of several the first that knows something says it', async () => {
    const other = join(folder, 'asn.mmdb')
    replace({ '203.0.113.0/24': { continent: 'AS', country: 'JP', asn: 64501 } }, other)
    const { files } = watched([path, other])
    await files.start()
    expect(files.locate('203.0.113.1')).toMatchObject({ country: 'NL', asn: 64501 })
    await files.stop()
  })

  it('a replaced file is read, a damaged one is said aloud and changes nothing', async () => {
    const { files, next } = watched([path])
    await files.start()
    let told = next()
    replace({ '203.0.113.0/24': { continent: 'EU', country: 'FR' } })
    expect(await told).toBe('changed')
    expect(files.locate('203.0.113.1')).toMatchObject({ country: 'FR' })
    told = next()
    writeFileSync(path, 'no database at all')
    expect(await told).toMatch(
      /a newer database of locations is not used: .*city\.mmdb is no database of locations/,
    )
    expect(files.locate('203.0.113.1')).toMatchObject({ country: 'FR' })
    told = next()
    replace({ '203.0.113.0/24': { continent: 'EU', country: 'DE' } })
    expect(await told).toBe('changed')
    expect(files.locate('203.0.113.1')).toMatchObject({ country: 'DE' })
    await files.stop()
  })

  it('one that is not there, or is none, is refused at the start', async () => {
    const missing = watched([join(folder, 'none.mmdb')]).files
    await expect(missing.start()).rejects.toThrow(/^--geoip-database: ENOENT.*none\.mmdb/)
    writeFileSync(
      path,
      Buffer.from(locationDatabase({ '203.0.113.0/24': { continent: 'EU', country: 'NL' } })).subarray(
        0,
        900,
      ),
    )
    await expect(watched([path]).files.start()).rejects.toThrow(/city\.mmdb is no database of locations/)
  })
})
