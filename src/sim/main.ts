/** `npm run sim`: runs scenarios over many seeds and says what came of them. */
import { Command, InvalidArgumentError } from 'commander'
import { noPaint } from '../cli/output/paint.ts'
import { renderTable } from '../cli/output/table.ts'
import { isSound, reportOf, type ScenarioReport } from './report.ts'
import type { SeedResult } from './run-scenario.ts'
import { runSeeds } from './run-seeds.ts'
import { SCENARIOS } from './scenarios.ts'

interface Options {
  readonly seeds: number
  readonly firstSeed: number
  readonly scenario: readonly string[]
  readonly json?: boolean
}

const program = new Command('npm run sim --')
  .description(
    'Simulates clusters in which things go wrong: the real checker and the real nameserver, on simulated clocks, network, disks and processes, with a simulated PowerDNS.',
  )
  .option('--seeds <count>', 'seeds of each scenario', positive, 20)
  .option('--first-seed <number>', 'the first of them; the same seed gives the same trace', positive, 1)
  .option('--scenario <name>', 'only this one; may be repeated', scenarioName, [])
  .option('--json', 'one JSON object on standard output')
  .addHelpText('after', () => {
    const list = [...SCENARIOS.values()].map(({ name, about }) => `  ${name.padEnd(20)} ${about}`)
    return [
      '',
      'Scenarios:',
      ...list,
      '',
      'Examples:',
      '  npm run sim -- --seeds 200 --json',
      '  npm run sim -- --scenario chaos --first-seed 4711 --seeds 1',
      '',
      'Exit code: 0 when every invariant held and nothing was false within the bound; 1 when not; 2 for a wrong option.',
    ].join('\n')
  })
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))

await program
  .action(async ({ seeds, firstSeed, scenario, json }: Options) => {
    const names = scenario.length > 0 ? scenario : [...SCENARIOS.keys()]
    const results = await runSeeds({ scenarios: names, seeds, firstSeed, onDone: showProgress })
    const scenarios = [...results].flatMap(([name, list]) => {
      const known = SCENARIOS.get(name)
      return known === undefined ? [] : reportOf(known, list)
    })
    process.stdout.write(json === true ? `${JSON.stringify({ scenarios })}\n` : asTable(scenarios))
    sayViolations(results)
    process.exitCode = scenarios.every(isSound) ? 0 : 1
  })
  .parseAsync()

function positive(text: string): number {
  const number = Number(text)
  if (!Number.isSafeInteger(number) || number < 1)
    throw new InvalidArgumentError('a whole number of at least 1 is expected.')
  return number
}

function scenarioName(name: string, before: readonly string[]): readonly string[] {
  if (!SCENARIOS.has(name))
    throw new InvalidArgumentError(
      `there is none of that name; there are ${[...SCENARIOS.keys()].join(', ')}.`,
    )
  return [...before, name]
}

function showProgress(done: number, of: number): void {
  if (!process.stderr.isTTY) return
  process.stderr.write(`\r${done} of ${of} runs${done === of ? '\n' : ''}`)
}

function asTable(reports: readonly ScenarioReport[]): string {
  const header = [
    'SCENARIO',
    'BOUND',
    'FALSE DOWN',
    'FALSE UP',
    'P50',
    'P99',
    'AT MOST',
    'VIOLATIONS',
    'ANY ONE',
    'MAJORITY',
  ]
  const rows = reports.map((report) => [
    report.name,
    report.withinBound ? 'within' : 'beyond',
    ...[report.falseDown, report.falseUp].map(String),
    ...[report.detectP50Ms, report.detectP99Ms].map((ms) => (ms === null ? '-' : `${ms} ms`)),
    report.detectP99Ms === null ? '-' : `${report.detectBoundMs} ms`,
    String(report.invariantViolations),
    String(report.baselines.anyOne.falseDown),
    String(report.baselines.majority.falseDown),
  ])
  return `${renderTable(header, rows, { paint: noPaint, none: 'nothing was run' }).join('\n')}\n`
}

/** With the command that shows it again. */
function sayViolations(results: ReadonlyMap<string, readonly SeedResult[]>): void {
  for (const [name, list] of results)
    for (const { seed, violations } of list)
      for (const { invariant, atMs, text } of violations.slice(0, 3))
        process.stderr.write(
          `${name}: invariant ${invariant} at ${Math.round(atMs)} ms: ${text}\n  npm run sim -- --scenario ${name} --first-seed ${seed} --seeds 1\n`,
        )
}
