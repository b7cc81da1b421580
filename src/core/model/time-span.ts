/** A time span as operators write it: `90s`, `5m`, `2h`, `1d`, also together as in `1h30m`. */
export const TIME_SPAN = /^(?:\d{1,6}[smhd])+$/

const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Of what TIME_SPAN takes, in ms. */
export function timeSpanMs(text: string): number {
  const parts = text.match(/\d+[smhd]/g) ?? []
  return parts.reduce((sum, part) => sum + Number(part.slice(0, -1)) * (UNIT_MS[part.slice(-1)] ?? 0), 0)
}
