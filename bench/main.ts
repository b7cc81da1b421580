/**
 * `npm run bench -- NAME [--json]`. With --json stdout holds one object and nothing else; without, a table. With --save the object
 * is what docs/results.md is made from (npm run report).
 * Aims are judged here, so that a bench cannot judge itself. What a bench started ends with it, however that ends.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, release, totalmem } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
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

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
    save: { type: 'boolean', default: false },
    kills: { type: 'string' },
    interval: { type: 'string' },
    seed: { type: 'string' },
  },
})
const [name] = positionals

/** What was not given is absent: the bench has a default. */
function benchOptions(): BenchOptions {
  const given = { kills: values.kills, interval: values.interval, seed: values.seed }
  return Object.fromEntries(
    Object.entries(given).flatMap(([option, text]) => {
      if (text === undefined) return []
      const value = Number(text)
      if (Number.isInteger(value) && value >= 0) return [[option, value]]
      throw new Error(`--${option}: a whole number is expected, not '${text}'`)
    }),
  )
}

if (values.list) {
  for (const [key, load] of Object.entries(BENCHES)) console.log(`${key.padEnd(14)}${(await load()).summary}`)
} else {
  const load = name === undefined ? undefined : BENCHES[name]
  if (name === undefined || load === undefined) {
    console.error(`bench: name one of ${Object.keys(BENCHES).join(', ')} (npm run bench -- NAME [--json])`)
    process.exit(2)
  }
  startReaper()
  const bench = await load()
  const [date, loadBefore] = [new Date().toISOString(), loadOneMinute()]
  let kept: KeptResults = { details: {}, versions: {} }
  const metrics = await bench.run((line) => process.stderr.write(`${line}\n`), {
    options: benchOptions(),
    keep: (more) => {
      kept = more
    },
  })
  const aims = bench.aims.map((aim) => judge(aim, metrics))
  const result = { bench: name, date, machine: machine(loadBefore), metrics, aims, ...kept }
  if (values.save) {
    mkdirSync(RESULTS, { recursive: true })
    writeFileSync(join(RESULTS, `${name}.json`), `${JSON.stringify(result, null, 1)}\n`)
  }
  if (values.json) {
    console.log(JSON.stringify(result))
  } else {
    for (const [metric, value] of Object.entries(metrics))
      console.log(`${metric.padEnd(32)}${value.toLocaleString('en')}`)
    for (const aim of aims)
      console.log(`${aim.holds ? 'holds' : 'MISSED'}  ${aim.metric} ${aim.op} ${aim.bound}`)
  }
}
