/** The pages whose figures come from the results, as they stand in a checkout. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PAGES, type Pages } from './pages.ts'

export function readPages(root: string): Pages {
  const read = (path: string) => [path, readFileSync(join(root, path), 'utf8')] as const
  return Object.fromEntries(PAGES.map(read)) as Pages
}
