/** A time of the past as operators write it: `2026-11-26T12:00:00Z`, or how long ago: `30m`, `6h`, `7d`. */
import { CommandError, EXIT } from '../core/exit-code.ts'

const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** ms since the epoch. Throws CommandError. */
export function parseSince(text: string, nowMs: number): number {
  const ago = /^(\d{1,6})([smhd])$/.exec(text)
  if (ago !== null) return Math.max(0, nowMs - Number(ago[1]) * (UNIT_MS[ago[2] ?? ''] ?? 0))
  const atMs = Date.parse(text)
  if (Number.isFinite(atMs) && atMs >= 0) return atMs
  throw new CommandError(
    EXIT.badInput,
    `--since takes a time such as 2026-11-26T12:00:00Z, or how long ago such as 30m, 6h or 7d, not '${text}'`,
  )
}
