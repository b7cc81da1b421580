/**
 * `npm run -s sample-locations -- FILE`: writes the small database of locations that the guides of `geo` and `nearest` speak of, so
 * that they can be tried without one of your own. Its prefixes are those of documentation (RFC 5737): it knows nobody.
 */
import { writeFileSync } from 'node:fs'
import { locationDatabase, type Place } from '../src/adapters/geoip/testing/location-database.ts'
import { EXIT } from '../src/core/exit-code.ts'

export const SAMPLE_PLACES: Readonly<Record<string, Place>> = {
  '203.0.113.0/24': { continent: 'EU', country: 'NL', asn: 64_500, latitude: 52.4, longitude: 4.9 },
  '198.51.100.0/24': { continent: 'NA', country: 'US', asn: 64_501, latitude: 40.7, longitude: -74 },
}

if (import.meta.main) {
  const [path = '', ...more] = process.argv.slice(2)
  const asksForHelp = path === '--help'
  if (asksForHelp || path === '' || path.startsWith('-') || more.length > 0) {
    const usage = 'name the file to write: npm run -s sample-locations -- places.mmdb\n'
    process[asksForHelp ? 'stdout' : 'stderr'].write(`sample-locations: ${usage}`)
    process.exit(asksForHelp ? EXIT.ok : EXIT.badInput)
  }
  writeFileSync(path, locationDatabase(SAMPLE_PLACES))
}
