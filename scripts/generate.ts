/**
 * Writes what is derived from the sources and committed: openapi.json, docs/reference and docs/results.md. With --check it writes nothing and
 * fails when a file is not what it would write, so that a reference can never tell another story than the code.
 */
import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { namesDiffer } from '../bench/report/names-differ.ts'
import { readPages } from '../bench/report/read-pages.ts'
import { reportFiles } from '../bench/report/report-files.ts'
import { readResults } from '../bench/report/results.ts'
import { buildProgram } from '../src/cli/program.ts'
import { VERSION } from '../src/cli/version.ts'
import { buildOpenApi } from '../src/control/openapi.ts'
import { apiReference, type OpenApi } from './generate/api-reference.ts'
import { cliReference } from './generate/cli-reference.ts'
import { configurationReference } from './generate/configuration-reference.ts'
import { documentationIo } from './generate/documentation-io.ts'
import { metricsReference } from './generate/metrics-reference.ts'

const root = join(import.meta.dirname, '..')
const results = readResults(join(root, 'docs/results'))
const openApi = await buildOpenApi(VERSION)
const files: Readonly<Record<string, string>> = {
  'openapi.json': `${JSON.stringify(openApi, null, 2)}\n`,
  'docs/reference/configuration.md': configurationReference(),
  'docs/reference/cli.md': cliReference(buildProgram(documentationIo)),
  'docs/reference/api.md': apiReference(openApi as OpenApi),
  'docs/reference/metrics.md': metricsReference(),
  ...reportFiles(results, readPages(root)),
}

if (process.argv.includes('--check')) {
  const stale = Object.entries(files).filter(([path, text]) => currentText(path) !== text)
  for (const [path] of stale) console.error(`${path} is not current: run npm run generate and commit it`)
  // A fault is in the file of its name.
  const known = globSync('*.ts', { cwd: join(root, 'lab/faults') }).map((file) => basename(file, '.ts'))
  const { faults } = results
  const differing = faults === null ? [] : namesDiffer(faults, known)
  for (const sentence of differing)
    console.error(
      `docs/results/faults.json: ${sentence}; npm run -s lab -- run --all --json > docs/results/faults.json`,
    )
  // Who adds a fault has not run all of them yet.
  const wrong = differing.filter((sentence) => !sentence.endsWith('was not run'))
  process.exitCode = stale.length + wrong.length === 0 ? 0 : 1
} else {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
}

function currentText(path: string): string | null {
  try {
    return readFileSync(join(root, path), 'utf8')
  } catch {
    return null
  }
}
