/**
 * All of Fairlead in one file, from src/cli/main.ts: it starts in a fraction of the time that the sources take.
 * A test bundles other versions with plugins of its own; what is installed is made with none.
 */
import { join } from 'node:path'
import { build, type Plugin } from 'esbuild'

const ROOT = join(import.meta.dirname, '../..')

/** Writes `outfile` and its source map. */
export async function bundle(outfile: string, plugins: Plugin[] = []): Promise<void> {
  await build({
    entryPoints: [join(ROOT, 'src/cli/main.ts')],
    outfile,
    plugins,
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
}
