/** A share such as '75%'. */
import { z } from 'zod'

export const share = z
  .string()
  .regex(/^(?:100|[1-9]\d?)%$/, { error: "a share such as '75%' is expected, 1 % to 100 %" })
  .describe("A share such as '75%'")

/** How many of `count` a share is, rounded down. In whole numbers: 0.55 * 20 is a little less than 11. */
export function shareOf(text: string, count: number): number {
  return Math.floor((Number(text.slice(0, -1)) * count) / 100)
}
