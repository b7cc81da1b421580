/**
 * The guide of each policy is run: its document is applied, its commands are typed one after the other, and what it shows is what
 * comes. Only the port of DNS and the place of the file are others, and each guide begins with nothing of the others (`--prune`). `dig` gives exactly the lines shown, in any order; of other commands the lines shown come in that order,
 * with others between them.
 */
import { execFile } from 'node:child_process'
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { locationDatabase } from '../../src/adapters/geoip/testing/location-database.ts'
import { freePort } from '../../src/adapters/probes/testing/free-port.ts'
import { EXIT } from '../../src/core/exit-code.ts'
import { SAMPLE_PLACES } from '../../scripts/sample-locations.ts'
import { eventually } from './harness/eventually.ts'
import { FairleadProcess } from './harness/fairlead-process.ts'

const run = promisify(execFile)
const ROOT = join(import.meta.dirname, '../..')
const PAGES = globSync('docs/guides/steering/*.md', { cwd: ROOT }).sort()

let folder: string
let fairlead: FairleadProcess

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fairlead-guides-'))
  const places = join(folder, 'places.mmdb')
  writeFileSync(places, locationDatabase(SAMPLE_PLACES))
  fairlead = new FairleadProcess({
    ...{ dataDir: join(folder, 'data'), dnsPort: await freePort() },
    args: ['--geoip-database', places],
  })
  await fairlead.start()
})

afterAll(async () => {
  await fairlead.end()
  rmSync(folder, { recursive: true })
})

interface Step {
  readonly command: string
  readonly shown: readonly string[]
}

function blocks(text: string, language: string): string[] {
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map(
    ([, body = '']) => body,
  )
}

function stepsOf(text: string): Step[] {
  return blocks(text, 'console').flatMap((block) =>
    block
      .split(/^\$ /m)
      .slice(1)
      .map((typed) => {
        const [command = '', ...shown] = typed.trimEnd().split('\n')
        return { command, shown }
      }),
  )
}

/** Splits as a shell does, for the quoting that the pages use. */
function words(command: string): string[] {
  return [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '')
}

/** Columns are as wide as their widest cell, which may be in a line that is not shown. */
const squeezed = (line: string) => line.trim().replaceAll(/ +/g, ' ')
const linesOf = (output: string) =>
  output
    .split('\n')
    .map(squeezed)
    .filter((line) => line !== '')

async function dig(args: readonly string[]): Promise<string[]> {
  const here = args.map((arg) => (arg === '5300' ? String(fairlead.dnsPort) : arg))
  const { stdout } = await run('dig', [...here, '+tries=1', '+time=2'])
  return linesOf(stdout).sort()
}

/** The lines of `shown` that do not come in their order. */
function missing(shown: readonly string[], lines: readonly string[]): string[] {
  let from = 0
  return shown.map(squeezed).filter((line) => {
    const at = lines.indexOf(line, from)
    if (at === -1) return true
    from = at + 1
    return false
  })
}

/** What only looks is asked again until it shows what it should; what changes something is done once. */
const LOOKS = /^fairlead (?:explain|simulate|get|status|budget$)/

async function perform({ command, shown }: Step): Promise<void> {
  const [program = '', ...args] = words(command)
  if (program === 'dig') {
    await eventually(async () => {
      expect(await dig(args), command).toEqual(shown.map(squeezed).sort())
    })
    return
  }
  if (program !== 'fairlead') throw new Error(`a guide shows '${program}', which this test does not know`)
  // Each guide begins with nothing of the others.
  const all = args[0] === 'apply' ? [...args, '--prune'] : args
  const attempt = async () => {
    const { code, stdout, stderr } = await fairlead.run(
      ...all.map((arg) => arg.replace(/^fairlead\.yaml$/, join(folder, arg))),
    )
    expect({ code, stderr }, command).toEqual({ code: EXIT.ok, stderr: '' })
    expect(missing(shown, linesOf(stdout)), `${command}\n${stdout}`).toEqual([])
  }
  await (LOOKS.test(command) ? eventually(attempt) : attempt())
}

describe.each(PAGES)('%s', (page) => {
  const text = readFileSync(join(ROOT, page), 'utf8')
  const steps = stepsOf(text)

  it('applies its document and shows answers', () => {
    expect(blocks(text, 'yaml')).toHaveLength(1)
    expect(steps[0]?.command).toBe('fairlead apply -f fairlead.yaml')
    expect(steps.filter(({ command }) => command.startsWith('dig ')).length).toBeGreaterThan(0)
    writeFileSync(join(folder, 'fairlead.yaml'), blocks(text, 'yaml')[0] ?? '')
  })

  it.each(steps)('$command', async (step) => {
    await perform(step)
  })
})

describe('a bad policy', () => {
  const BAD = `settings: { geoip: { enabled: false } }
sites: [{ name: ams }]
zones: [{ name: bad.test, nameservers: [ns1.elsewhere.test] }]
pools:
  - name: one
    pools: [two]
    endpoints: [{ name: a, address: 192.0.2.1, port: 80, site: ams, weight: 0 }]
  - { name: two, pools: [one] }
  - name: weightless
    endpoints: [{ name: a, address: 192.0.2.1, port: 80, site: ams, weight: 0 }]
loadBalancers:
  - name: geo.bad.test
    zone: bad.test
    policy: { kind: all, rules: [{ when: { countries: [NL] }, pools: [one] }] }
  - name: located.bad.test
    zone: bad.test
    policy: { kind: all, rules: [{ when: { countries: [NL] }, pools: [one] }], pools: [one] }
  - { name: zero.bad.test, zone: bad.test, policy: { kind: weighted, pools: [weightless] } }
  - name: budget.bad.test
    zone: bad.test
    policy: { kind: all, pools: [weightless] }
    withdrawalBudget: { share: '10%' }
`
  it('is refused with every fault at its place, and nothing changes', async () => {
    const before = await fairlead.run('export')
    const file = join(folder, 'bad.yaml')
    writeFileSync(file, BAD)
    const { code, stderr } = await fairlead.run('apply', '-f', file)
    expect(code).toBe(EXIT.badInput)
    const faults = stderr.split('\n').flatMap((line) => /bad\.yaml:(\d+:\d+: .*)/.exec(line)?.[1] ?? [])
    expect(faults).toEqual([
      '6:13: the pool would contain itself: one > two > one',
      '8:26: the pool would contain itself: two > one > two',
      "14:13: 'pools' is missing: a list is expected",
      expect.stringMatching(/^17:42: a rule by continent, country or ASN needs a database of locations/),
      expect.stringMatching(/^18:52: every IPv4 endpoint here has the weight 0/),
      expect.stringMatching(/^22:32: 10% of 1 endpoints is less than one: nothing could ever be taken out/),
    ])
    expect(await fairlead.run('export')).toEqual(before)
  })
})
