/** Clients to take shares over where nobody named any: addresses from all over IPv4, the same ones every time. */
import ipaddr from 'ipaddr.js'

/** Each stands for its /24. The golden ratio spreads them evenly, whatever their number. */
export function sampleClients(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => {
    const place = ((index + 1) * 0.618_033_988_749_895) % 1
    const [first, last] = [1 * 2 ** 16, 224 * 2 ** 16 - 1]
    const network = first + Math.floor(place * (last - first))
    return new ipaddr.IPv4([network >> 16, (network >> 8) & 255, network & 255, 1]).toString()
  })
}
