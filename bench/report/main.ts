/** `npm run report`: writes docs/results.md, its plots and the figures in README and the guides from docs/results/*.json. `npm run check:generated` says when they differ. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readPages } from './read-pages.ts'
import { reportFiles } from './report-files.ts'
import { readResults } from './results.ts'

const root = join(import.meta.dirname, '../..')
for (const [path, text] of Object.entries(
  reportFiles(readResults(join(root, 'docs/results')), readPages(root)),
)) {
  writeFileSync(join(root, path), text)
  console.log(path)
}
