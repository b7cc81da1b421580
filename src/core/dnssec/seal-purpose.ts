/** What a private key is sealed for: it opens for this zone and this key only. */
export function sealPurpose(zone: string, tag: number): string {
  return `dnssec ${zone} ${tag}`
}
