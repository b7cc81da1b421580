/**
 * Bundles src/cli/main.ts into dist/fairlead.mjs: one file that starts in a fraction of the time that the sources take.
 * start.sh calls this only when something is newer than the bundle, so it is written last and whole: a build that is cut off
 * leaves the old bundle or none.
 */
import { mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'

const root = join(import.meta.dirname, '..')
const dist = join(root, 'dist')
// Beside dist, so that the paths in the source map are right after the move.
const unfinished = join(root, 'dist-unfinished')

await build({
  entryPoints: [join(root, 'src/cli/main.ts')],
  outfile: join(unfinished, 'fairlead.mjs'),
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  sourcemap: 'linked',
  // Stack traces with the names of the sources are worth more than a smaller file. The map is for debuggers: a process that
  // reads it (--enable-source-maps) weighs 110 MB more.
  minify: false,
  logLevel: 'warning',
  // An import of something that is not there fails the build, not the first user.
  logOverride: { 'import-is-undefined': 'error' },
  legalComments: 'none',
  // Some dependencies are CommonJS inside and call require for builtins of Node.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
})
mkdirSync(dist, { recursive: true })
for (const file of ['fairlead.mjs.map', 'fairlead.mjs']) renameSync(join(unfinished, file), join(dist, file))
rmSync(unfinished, { recursive: true })
