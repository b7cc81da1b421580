/** `fairlead traffic`: what is asked and answered, beside what the weights say. */
import type { Command } from 'commander'
import { EXIT } from '../../core/exit-code.ts'
import { statusSchema, type Status } from '../../core/views/status.ts'
import { trafficSchema, type Traffic } from '../../core/views/traffic.ts'
import { addNotes } from '../command-notes.ts'
import { addConnectionOptions, addJsonOption, runs, type CommonOptions } from '../invocation.ts'
import type { Io } from '../io.ts'
import type { Paint } from '../output/paint.ts'
import { renderTable } from '../output/table.ts'

export function addTrafficCommand(program: Command, io: Io): void {
  const command = program
    .command('traffic')
    .description('Queries, codes and latency of nameservers, and the share of each answer beside its weight')
  addConnectionOptions(addJsonOption(command)).action(
    runs<CommonOptions>(io, async ({ options, paint, connect, print, printJson }) => {
      const client = connect()
      const traffic = await client.send({ path: 'v1/traffic' }, trafficSchema)
      if (options.json) printJson(traffic)
      else print(describeTraffic(traffic, await client.send({ path: 'v1/status' }, statusSchema), paint))
    }),
  )
  addNotes(command, {
    examples: [
      { line: 'fairlead traffic', meaning: 'over the last seconds; by load balancer where a dnsdist counts' },
    ],
    exitCodes: [EXIT.ok, EXIT.failure, EXIT.badInput, EXIT.unreachable, EXIT.fileAccess, EXIT.denied],
  })
}

function describeTraffic({ nameservers, loadBalancers }: Traffic, status: Status, paint: Paint): string[] {
  const servers = nameservers.map((one) => [
    one.nameserver,
    one.site ?? '',
    rate(one.queriesPerSec),
    `${one.latencyMs.toFixed(2)}ms`,
    one.cacheHitShare === null ? '' : percent(one.cacheHitShare),
    ...['noerror', 'nxdomain', 'servfail'].map((code) => rate(one.responsesPerSec[code] ?? 0)),
  ])
  const head = [
    'NAMESERVER',
    'SITE',
    'QUERIES/S',
    'LATENCY',
    'CACHE-HITS',
    'NOERROR/S',
    'NXDOMAIN/S',
    'SERVFAIL/S',
  ]
  const balancers = loadBalancers.flatMap(({ name, type, queriesPerSec, answers }) =>
    answers.length === 0
      ? [[name, type, rate(queriesPerSec), 'all', '', '']]
      : answers.map(({ value, share }) => [
          ...[name, type, rate(queriesPerSec), value, percent(share)],
          expectedShare(status, { name, type, value }),
        ]),
  )
  const counted = nameservers.some(({ countsAnswers }) => countsAnswers)
  const none = counted
    ? 'no queries for load balancers'
    : 'no nameserver counts by load balancer: one with --front does'
  return [
    ...renderTable(head, servers, { paint, none: 'no nameserver has told of queries yet' }),
    '',
    ...renderTable(['LOAD-BALANCER', 'TYPE', 'QUERIES/S', 'ANSWER', 'SHARE', 'WEIGHT'], balancers, {
      paint,
      none,
    }),
  ]
}

/** What the weights say, where they alone decide. */
function expectedShare(
  { loadBalancers }: Status,
  { name, type, value }: { readonly name: string; readonly type: string; readonly value: string },
): string {
  const answer = loadBalancers.find((one) => one.name === name)?.answers.find((one) => one.type === type)
  const weights = answer?.weights ?? []
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const weight = weights[answer?.values.indexOf(value) ?? -1]
  return weight === undefined || total === 0 ? '' : percent(weight / total)
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)}%`
}

function rate(perSec: number): string {
  return perSec >= 100 ? String(Math.round(perSec)) : perSec.toFixed(1)
}
