/** The number of a checker's next life: larger than that of every life before, also when the wall clock went back. */
export function nextIncarnation(saved: number, wallMs: number): number {
  return Math.max(saved + 1, Math.floor(wallMs / 1_000))
}
