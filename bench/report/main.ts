/** `npm run report`: writes docs/results.md and its plots from docs/results/*.json. `npm run check:generated` says when they differ. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { reportFiles } from './report-files.ts'
import { readResults } from './results.ts'

const root = join(import.meta.dirname, '../..')
for (const [path, text] of Object.entries(reportFiles(readResults(join(root, 'docs/results'))))) {
  writeFileSync(join(root, path), text)
  console.log(path)
}
