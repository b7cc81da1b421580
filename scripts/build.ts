/**
 * Bundles src/cli/main.ts into dist/fairlead.mjs: one file that starts in a fraction of the time that the sources take.
 * start.sh calls this only when something is newer than the bundle, so it is written last and whole: a build that is cut off
 * leaves the old bundle or none.
 */
import { mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { bundle } from './build/bundle.ts'

const root = join(import.meta.dirname, '..')
const dist = join(root, 'dist')
// Beside dist, so that the paths in the source map are right after the move.
const unfinished = join(root, 'dist-unfinished')

await bundle(join(unfinished, 'fairlead.mjs'))
mkdirSync(dist, { recursive: true })
for (const file of ['fairlead.mjs.map', 'fairlead.mjs']) renameSync(join(unfinished, file), join(dist, file))
rmSync(unfinished, { recursive: true })
