/**
 * The guides of docs/guides/dns and docs/guides/cluster, line by line, each in a network of its own, so that ports are those of the
 * page; and the runbook, beside a quickstart whose endpoints are dead. The guide of Patroni runs where its cluster is
 * (cluster-patroni.test.ts), that of OpenID Connect where its provider is (oidc-guide.test.ts); that of CockroachDB has nothing to type
 * without one.
 */
import { chmodSync, globSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { GuideShell } from './harness/guide-shell.ts'
import { guideSteps } from './harness/guide-steps.ts'

const ROOT = join(import.meta.dirname, '../..')
const ELSEWHERE = ['patroni', 'cockroachdb', 'oidc'].map((name) => `docs/guides/cluster/${name}.md`)
const RUNBOOK = 'docs/runbook.md'
const PAGES = [
  ...globSync('docs/guides/{dns,cluster}/*.md', { cwd: ROOT, exclude: ELSEWHERE }).sort(),
  RUNBOOK,
]
/** What its reader has running. */
const GROUND = 'fairlead up $EXAMPLES/quickstart.yaml --dns-port 53 --no-view > fairlead.log 2>&1 &'

describe.each(PAGES)('%s', (page) => {
  const steps = guideSteps(join(ROOT, page))
  let folder: string
  let shell: GuideShell

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'fairlead-guide-'))
    // A server that gives up root's rights has to find its folder in it.
    chmodSync(folder, 0o711)
    shell = new GuideShell(folder)
    expect((await shell.type('ip link set lo up')).code).toBe(0)
    if (page === RUNBOOK) await shell.take({ kind: 'command', command: GROUND, shown: [] })
  })
  afterAll(async () => {
    await shell.end()
    rmSync(folder, { recursive: true, force: true })
  })

  it('has commands', () => {
    expect(steps.filter(({ kind }) => kind === 'command').length).toBeGreaterThan(4)
  })

  it.each(steps.map((step) => ({ title: step.kind === 'file' ? step.path : step.command, step })))(
    '$title',
    async ({ step }) => {
      await shell.take(step)
    },
  )
})
