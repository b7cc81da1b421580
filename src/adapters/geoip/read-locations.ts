/**
 * Databases of locations in MaxMind's format (GeoIP2, GeoLite2, DB-IP), read as PowerDNS reads them: of several files the first
 * that knows something of an address says it.
 */
import { readFile } from 'node:fs/promises'
import { Reader, type Response } from 'mmdb-lib'
import type { ClientLocation } from '../../core/steering/evaluate.ts'
import type { Locate } from '../../ports/locations.ts'

/** The fields that steering reads; each file has some of them. */
interface Fields {
  readonly continent?: { readonly code?: unknown }
  readonly country?: { readonly iso_code?: unknown }
  readonly autonomous_system_number?: unknown
  readonly location?: { readonly latitude?: unknown; readonly longitude?: unknown }
}

/** Rejects with what is wrong with which file. */
export async function readLocations(paths: readonly string[]): Promise<Locate> {
  const readers = await Promise.all(paths.map(readDatabase))
  return (address) => {
    const found = readers.flatMap((reader) => reader.get(address) ?? []).map(locationOf)
    if (found.length === 0) return null
    return Object.assign({}, ...found.toReversed()) as ClientLocation
  }
}

async function readDatabase(path: string): Promise<Reader<Response>> {
  const bytes = await readFile(path)
  try {
    const reader = new Reader<Response>(bytes)
    // A file that was cut off fails only when it is asked.
    reader.get('192.0.2.1')
    return reader
  } catch (cause) {
    throw new Error(`${path} is no database of locations (MMDB), or it is damaged`, { cause })
  }
}

function locationOf(record: object): ClientLocation {
  const { continent, country, autonomous_system_number: asn, location } = record as Fields
  const { latitude, longitude } = location ?? {}
  return {
    ...(typeof continent?.code === 'string' && { continent: continent.code }),
    ...(typeof country?.iso_code === 'string' && { country: country.iso_code }),
    ...(typeof asn === 'number' && { asn }),
    ...(typeof latitude === 'number' &&
      typeof longitude === 'number' && { latitude: rounded(latitude), longitude: rounded(longitude) }),
  }
}

/** PowerDNS gives coordinates with six decimals. */
function rounded(degrees: number): number {
  return Number(degrees.toFixed(6))
}
