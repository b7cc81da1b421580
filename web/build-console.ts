/** Builds the console into a folder: index.html, and assets whose names have a digest of what is in them. */
import { build } from 'vite'

export async function buildConsole(outDir: string): Promise<void> {
  await build({ root: import.meta.dirname, configLoader: 'native', logLevel: 'warn', build: { outDir } })
}
