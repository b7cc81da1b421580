/**
 * The results that docs/results holds: what `npm run bench -- NAME --save` wrote, the fault matrix of the lab, and what tests keep. Read strictly in
 * what the report shows, and no further: a bench may say more than is shown.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

const machine = z.object({
  cpu: z.string(),
  cores: z.number(),
  memoryGiB: z.number(),
  node: z.string(),
  platform: z.string(),
  kernel: z.string(),
  /** One-minute load averages before and after the run. */
  load: z.tuple([z.number(), z.number()]).optional(),
})

const benchResultSchema = z.object({
  bench: z.string(),
  date: z.iso.datetime(),
  machine,
  versions: z.record(z.string(), z.string()).default({}),
  metrics: z.record(z.string(), z.number()),
  aims: z.array(
    z.object({ metric: z.string(), op: z.enum(['<=', '>=', '==']), bound: z.number(), holds: z.boolean() }),
  ),
  details: z.unknown(),
})
export type BenchResult = z.output<typeof benchResultSchema>

/** Of one fault; what the numbers of a step count is in lab/matrix/timeline.ts. */
const timelineSchema = z.object({
  stepMs: z.number(),
  endedMs: z.number(),
  deaths: z.array(z.object({ of: z.string(), fromMs: z.number(), toMs: z.number().nullable() })),
  steps: z.array(z.array(z.int())),
})
export type FaultTimeline = z.output<typeof timelineSchema>

const labMachineSchema = z.object({
  ...{ cpu: z.string(), cores: z.int(), node: z.string(), at: z.iso.datetime() },
  versions: z.record(z.string(), z.string()).default({}),
})

/** As the lab prints it. */
const faultMatrixSchema = z.object({
  machine: labMachineSchema,
  options: z.object({
    ...{ all: z.boolean(), brief: z.boolean(), sites: z.int(), pace: z.string() },
    ...{ endpoints: z.int(), rate: z.number(), delay: z.number() },
  }),
  faults: z.array(
    z.object({
      name: z.string(),
      passed: z.boolean(),
      bound: z.object({
        ...{ outMs: z.number(), recoverMs: z.number(), timedOutShare: z.number() },
        ...{ silentMs: z.number().optional(), writesMs: z.number().optional() },
      }),
      measured: z.object({
        outP50Ms: z.number().nullable(),
        outMaxMs: z.number().nullable(),
        recoverMs: z.number().nullable(),
        asked: z.int(),
        timedOutShare: z.number(),
        falseWithdrawals: z.int(),
        writesMs: z.number().optional(),
        silentMs: z.number().nullable().optional(),
        catchUpMs: z.number().nullable().optional(),
        answers: z.object({
          ...{ stale: z.int(), wrong: z.int(), empty: z.int(), servfail: z.int(), excused: z.int() },
        }),
      }),
      timeline: timelineSchema,
    }),
  ),
})
export type FaultMatrix = z.output<typeof faultMatrixSchema>

/** As `npm run soak -- --json` prints it. */
const soakSchema = z.object({
  machine: labMachineSchema,
  seed: z.int(),
  minutes: z.number(),
  faults: z.array(
    z.object({
      ...{ name: z.string(), passed: z.boolean(), missed: z.array(z.string()) },
      measured: z.object({ asked: z.int(), failedShare: z.number(), falseWithdrawals: z.int() }),
    }),
  ),
  grown: z.array(z.string()),
})
export type Soak = z.output<typeof soakSchema>

/** As test/e2e/cluster-patroni.test.ts keeps it. */
const pausesSchema = z.object({
  machine: z.object({ cpu: z.string(), cores: z.int(), at: z.iso.datetime() }),
  /** How long each control took no change. */
  pauses: z.array(z.object({ what: z.string(), pausesMs: z.array(z.number()) })),
})
export type Pauses = z.output<typeof pausesSchema>

export interface Results {
  /** By name, in alphabetical order. */
  readonly benches: readonly BenchResult[]
  readonly faults: FaultMatrix | null
  /** With --pace 1s. */
  readonly faultsQuick: FaultMatrix | null
  readonly soak: Soak | null
  readonly pauses: Pauses | null
}

/** Of docs/results, what is no result of a bench. */
const OTHERS = ['faults.json', 'faults-1s.json', 'soak.json', 'patroni.json'] as const

/** `folder` is docs/results. Throws what is wrong with a file of it. */
export function readResults(folder: string): Results {
  const files = readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .sort()
  const read = (file: string): unknown => JSON.parse(readFileSync(join(folder, file), 'utf8'))
  const other = <Kind>(file: (typeof OTHERS)[number], schema: z.ZodType<Kind>): Kind | null =>
    files.includes(file) ? schema.parse(read(file)) : null
  return {
    benches: files
      .filter((file) => !OTHERS.some((name) => name === file))
      .map((file) => benchResultSchema.parse(read(file))),
    faults: other('faults.json', faultMatrixSchema),
    faultsQuick: other('faults-1s.json', faultMatrixSchema),
    soak: other('soak.json', soakSchema),
    pauses: other('patroni.json', pausesSchema),
  }
}
