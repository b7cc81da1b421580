/** A share such as '75%'. */
import { z } from 'zod'

export const share = z
  .string()
  .regex(/^(?:100|[1-9]\d?)%$/, { error: "a share such as '75%' is expected, 1 % to 100 %" })
  .describe("A share such as '75%'")

/** 0 to 1, of a text that `share` accepted. */
export function fractionOf(text: string): number {
  return Number(text.slice(0, -1)) / 100
}
