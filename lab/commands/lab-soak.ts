/**
 * `soak`: faults within the design bound, one after the other in an order of the seed, for so many minutes, while the clients judge every
 * answer, and memory and open files of our processes and of each PowerDNS are watched. The same seed is the same order. Exit code 1
 * where a bound was missed or something grew.
 */
import { randomOf } from '../../src/adapters/transport/testing/mutate.ts'
import { CommandError, EXIT, type ExitCode } from '../../src/core/exit-code.ts'
import { allFaults } from '../matrix/all-faults.ts'
import { isWithinDesign, type Fault } from '../matrix/fault.ts'
import { growth, sampleOf, type Sample } from '../matrix/growth.ts'
import { runFault, type FaultResult } from '../matrix/run-fault.ts'
import { monotonicMs } from '../monotonic-ms.ts'
import { powerdnsOf, servicesOf } from '../world/lab-site.ts'
import type { World } from '../world/world.ts'
import { describeMachine } from './describe-machine.ts'
import { describeResult } from './describe-result.ts'
import type { LabOptions } from './parse-lab-options.ts'
import { withWorld } from './with-world.ts'

const MINUTE_MS = 60_000

export async function labSoak(words: readonly string[], options: LabOptions): Promise<ExitCode> {
  if (words.length > 0) throw new CommandError(EXIT.badInput, 'soak takes options only')
  const seed = options.seed ?? Math.floor(Math.random() * 2 ** 31)
  process.stderr.write(`lab: soak of ${options.minutes} minutes, seed ${seed}\n`)
  const all = await allFaults()
  const faults = all.filter((fault) => isWithinDesign(fault, options.pace))
  const others = all.filter((fault) => !faults.includes(fault)).map(({ name }) => name)
  process.stderr.write(`lab: left out, because their bounds are their own: ${others.join(', ')}\n`)
  const { results, samples } = await withWorld({ ...options, brief: true }, (world) =>
    soak(world, { faults, seed, options }),
  )
  const grown = growth(samples)
  for (const sentence of grown) process.stderr.write(`GROWN   ${sentence}\n`)
  const missed = results.filter(({ passed }) => !passed).length
  process.stderr.write(
    `lab: ${results.length} faults, ${missed} missed their bound, ${grown.length} processes grew\n`,
  )
  if (options.json) {
    const { minutes } = options
    console.log(JSON.stringify({ machine: describeMachine(), seed, minutes, faults: results, grown }))
  }
  return missed === 0 && grown.length === 0 ? EXIT.ok : EXIT.failure
}

async function soak(
  world: World,
  { faults, seed, options }: { faults: readonly Fault[]; seed: number; options: LabOptions },
): Promise<{ readonly results: readonly FaultResult[]; readonly samples: readonly Sample[] }> {
  const random = randomOf(seed)
  const [results, samples]: [FaultResult[], Sample[]] = [[], []]
  const endMs = monotonicMs() + options.minutes * MINUTE_MS
  do {
    const fault = faults[random(faults.length)]
    if (fault === undefined) break
    const result = await runFault(fault, world)
    process.stderr.write(describeResult(result))
    results.push(result)
    const services = world.sites.flatMap(servicesOf).map(({ name, pid }) => ({ name, pid }))
    const servers = world.sites.flatMap((site) =>
      powerdnsOf(site).map((pid) => ({ name: `PowerDNS of ${site.name}`, pid })),
    )
    for (const { name, pid } of [...services, ...servers]) {
      const sample = sampleOf(name, pid)
      if (sample !== null) samples.push(sample)
    }
  } while (monotonicMs() < endMs)
  return { results, samples }
}
