/** Makes an error that nobody handles the process's own, without breaking the turn that it came up in. */
export function throwOutside(error: unknown): void {
  queueMicrotask(() => {
    throw error
  })
}
