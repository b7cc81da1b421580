/** A share for people: '42.5%', with one more digit where it is small. */
export function percent(share: number): string {
  return `${Number((share * 100).toFixed(share < 0.1 ? 2 : 1))}%`
}
