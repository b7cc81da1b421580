/** Keeps a damaged file for whoever looks into it, out of the way of what is written anew. */
import { rename } from 'node:fs/promises'

/** The path that it is kept under. Rejects with what the file system says. */
export async function setAside(path: string, wallMs: number): Promise<string> {
  const aside = `${path}.damaged-${wallMs}`
  await rename(path, aside)
  return aside
}
