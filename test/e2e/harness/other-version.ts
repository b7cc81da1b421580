/**
 * Fairlead as another version of it would be: the same sources with another number, and with steps of the store's schema that
 * this version does not know. What differs is put in while it is bundled; nothing in the sources is there for it.
 */
import { join } from 'node:path'
import type { Plugin } from 'esbuild'
import { bundle } from '../../../scripts/build/bundle.ts'
import type { Migration } from '../../../src/adapters/sql/migrations/migration.ts'

const ROOT = join(import.meta.dirname, '../../..')
const STEPS = join(ROOT, 'src/adapters/sql/migrations/all.ts')

export interface OtherVersion {
  readonly version: string
  /** After those of the sources. */
  readonly migrations: readonly Migration[]
}

export function bundleOtherVersion(outfile: string, other: OtherVersion): Promise<void> {
  return bundle(outfile, [otherVersion(other)])
}

function otherVersion({ version, migrations }: OtherVersion): Plugin {
  const namespace = 'other-version'
  return {
    name: namespace,
    setup: (build) => {
      build.onResolve({ filter: /^\.\.\/\.\.\/package\.json$/ }, ({ path }) => ({ path, namespace }))
      build.onResolve({ filter: /\/migrations\/all\.ts$/ }, ({ path, namespace: from }) =>
        from === namespace ? { path } : { path: STEPS, namespace },
      )
      build.onLoad({ filter: /package\.json$/, namespace }, () => ({
        contents: JSON.stringify({ version }),
        loader: 'json',
      }))
      build.onLoad({ filter: /all\.ts$/, namespace }, () => ({
        contents: `import { MIGRATIONS as KNOWN } from ${JSON.stringify(STEPS)}
          export const MIGRATIONS = [...KNOWN, ...${JSON.stringify(migrations)}]`,
        loader: 'ts',
        resolveDir: ROOT,
      }))
    },
  }
}
