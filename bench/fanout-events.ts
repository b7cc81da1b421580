/** The endpoints of the fanout bench: event number n is that the n-th of them goes down. */
export const ENDPOINTS = 30_000

export function eventEndpoint(number: number): string {
  return `pool-${number % 3_000}/endpoint-${number}`
}
