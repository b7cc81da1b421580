/**
 * `npm run bench -- NAME [--json]`. With --json stdout holds one object and nothing else; without, a table. With --save the object
 * is what docs/results.md is made from (npm run report).
 * Aims are judged here, so that a bench cannot judge itself. What a bench started ends with it, however that ends.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, release, totalmem } from 'node:os'
import { join } from 'node:path'
import { Command, InvalidArgumentError } from 'commander'
import type { Aim, Bench, BenchOptions, KeptResults } from './bench.ts'
import { round } from './round.ts'
import { startReaper } from './start-reaper.ts'

/** Loaded by name, so that one bench's imports do not weigh on another's numbers. */
const BENCHES: Readonly<Record<string, () => Promise<Bench>>> = {
  control: async () => (await import('./control.ts')).control,
  failover: async () => (await import('./failover.ts')).failover,
  front: async () => (await import('./front.ts')).front,
  fanout: async () => (await import('./fanout.ts')).fanout,
  plan: async () => (await import('./plan.ts')).plan,
  propagation: async () => (await import('./propagation.ts')).propagation,
  probes: async () => (await import('./probes.ts')).probes,
  startup: async () => (await import('./startup.ts')).startup,
  serving: async () => (await import('./serving.ts')).serving,
  store: async () => (await import('./store.ts')).store,
  verdict: async () => (await import('./verdict.ts')).verdict,
}

function judge(aim: Aim, metrics: Readonly<Record<string, number>>) {
  const value = metrics[aim.metric]
  if (value === undefined) throw new Error(`the bench gave no metric '${aim.metric}'`)
  const holds = { '<=': value <= aim.bound, '>=': value >= aim.bound, '==': value === aim.bound }[aim.op]
  return { ...aim, holds }
}

const RESULTS = join(import.meta.dirname, '../docs/results')

function machine(loadBefore: number) {
  const [cpu] = cpus()
  return {
    cpu: cpu?.model ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    kernel: release(),
    load: [loadBefore, loadOneMinute()],
  }
}

function loadOneMinute(): number {
  return round(loadavg()[0] ?? 0, 1)
}

interface Options extends BenchOptions {
  readonly json?: boolean
  readonly list?: boolean
  readonly save?: boolean
}

/** 2 for a command line that is wrong, as everywhere. */
const BAD_INPUT = 2
const program = new Command('npm run bench --')
  .description(
    'Measures Fairlead, side by side with its peers in one run, and judges the aims of each bench.',
  )
  .argument('[name]', `one of ${Object.keys(BENCHES).join(', ')}`)
  .option('--list', 'say what each bench measures, and run none')
  .option('--json', 'one JSON object on standard output')
  .option('--save', 'keep the result in docs/results, where npm run report finds it')
  .option('--kills <count>', 'failover: deaths of each kind', atLeast(1))
  .option('--interval <seconds>', 'failover: between two probes', atLeast(2))
  .option('--seed <number>', 'failover: where chance begins', whole)
  .addHelpText(
    'after',
    `
Examples:
  npm run bench -- verdict                     a table, and whether the aims were met
  npm run bench -- failover --kills 7 --json   a shorter run, as JSON
  npm run bench -- serving --save              then: npm run report

Exit codes: 0 measured, whether the aims were met or not; 1 it could not be; 2 a wrong option or name.`,
  )
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : BAD_INPUT))
  .action(act)
await program.parseAsync()

async function act(name: string | undefined, options: Options): Promise<void> {
  if (options.list) {
    for (const [key, load] of Object.entries(BENCHES))
      console.log(`${key.padEnd(14)}${(await load()).summary}`)
    return
  }
  const load = name === undefined || !Object.hasOwn(BENCHES, name) ? undefined : BENCHES[name]
  if (load === undefined) program.error(`bench: name one of ${Object.keys(BENCHES).join(', ')}`)
  else {
    startReaper()
    await measure(await load(), options)
  }
}

async function measure(bench: Bench, { json, save, ...options }: Options): Promise<void> {
  const [date, loadBefore] = [new Date().toISOString(), loadOneMinute()]
  let kept: KeptResults = { details: {}, versions: {} }
  const metrics = await bench.run((line) => process.stderr.write(`${line}\n`), {
    options,
    keep: (more) => {
      kept = more
    },
  })
  const aims = bench.aims.map((aim) => judge(aim, metrics))
  const result = { bench: bench.name, date, machine: machine(loadBefore), metrics, aims, ...kept }
  if (save) {
    mkdirSync(RESULTS, { recursive: true })
    writeFileSync(join(RESULTS, `${bench.name}.json`), `${JSON.stringify(result, null, 1)}\n`)
  }
  if (json) {
    console.log(JSON.stringify(result))
    return
  }
  for (const [metric, value] of Object.entries(metrics))
    console.log(`${metric.padEnd(32)}${value.toLocaleString('en')}`)
  for (const aim of aims)
    console.log(`${aim.holds ? 'holds' : 'MISSED'}  ${aim.metric} ${aim.op} ${aim.bound}`)
}

/** Of the interval: what waits for a reply, a second, has to be shorter. */
function atLeast(least: number): (text: string) => number {
  return (text) => {
    const value = whole(text)
    if (value >= least) return value
    throw new InvalidArgumentError(`at least ${least} is expected, not '${text}'.`)
  }
}

function whole(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isSafeInteger(value) || value < 0)
    throw new InvalidArgumentError(`a whole number is expected, not '${text}'.`)
  return value
}
