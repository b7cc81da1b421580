/** `npm run report`: writes docs/results.md, its plots and the figures in README and the guides from docs/results/*.json. `npm run check:generated` says when they differ. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { EXIT } from '../../src/core/exit-code.ts'
import { readPages } from './read-pages.ts'
import { reportFiles } from './report-files.ts'
import { readResults } from './results.ts'

if (process.argv.length > 2) {
  const asksForHelp = ['-h', '--help'].includes(process.argv[2] ?? '')
  const usage = `npm run report writes docs/results.md and the figures in README and the guides from docs/results/*.json; it takes no options.\n`
  process[asksForHelp ? 'stdout' : 'stderr'].write(usage)
  process.exit(asksForHelp ? EXIT.ok : EXIT.badInput)
}
const root = join(import.meta.dirname, '../..')
for (const [path, text] of Object.entries(
  reportFiles(readResults(join(root, 'docs/results')), readPages(root)),
)) {
  writeFileSync(join(root, path), text)
  console.log(path)
}
