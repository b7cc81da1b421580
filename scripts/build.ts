/**
 * Bundles src/cli/main.ts into dist/fairlead.mjs, one file that starts in a fraction of the time that the sources take, and web/ into
 * dist/console, which a control serves.
 * start.sh calls this only when something is newer than the bundle, so it is written last and whole: a build that is cut off
 * leaves the old bundle or none.
 */
import { mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { buildConsole } from '../web/build-console.ts'
import { bundle } from './build/bundle.ts'

const root = join(import.meta.dirname, '..')
const dist = join(root, 'dist')
// Beside dist, so that the paths in the source map are right after the move.
const unfinished = join(root, 'dist-unfinished')

await Promise.all([bundle(join(unfinished, 'fairlead.mjs')), buildConsole(join(unfinished, 'console'))])
mkdirSync(dist, { recursive: true })
rmSync(join(dist, 'console'), { recursive: true, force: true })
for (const file of ['console', 'fairlead.mjs.map', 'fairlead.mjs'])
  renameSync(join(unfinished, file), join(dist, file))
rmSync(unfinished, { recursive: true })
