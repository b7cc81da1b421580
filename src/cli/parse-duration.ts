/** A time span as operators write it: `90s`, `5m`, `2h`, `1d`, also together as in `1h30m`. */
import { CommandError, EXIT } from '../core/exit-code.ts'

const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Milliseconds. Throws CommandError that names the option. */
export function parseDuration(text: string, option: string): number {
  const parts = /^(?:\d{1,6}[smhd])+$/.test(text) ? (text.match(/\d+[smhd]/g) ?? []) : []
  if (parts.length === 0)
    throw new CommandError(
      EXIT.badInput,
      `${option} takes a time span such as 90s, 5m, 2h or 1h30m, not '${text}'`,
    )
  return parts.reduce((sum, part) => sum + Number(part.slice(0, -1)) * (UNIT_MS[part.slice(-1)] ?? 0), 0)
}
