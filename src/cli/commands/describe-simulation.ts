/** A simulation for people: what was taken down, then each answer with the shares before and after, and its clients. */
import type { Simulation } from '../../core/views/simulation.ts'
import type { Paint } from '../output/paint.ts'
import { percent } from '../output/percent.ts'
import { printable } from '../output/printable.ts'
import { renderTable } from '../output/table.ts'

type Answer = Simulation['answers'][number]
type Side = Answer['before']

const LISTED = 5
const MAX_VALUES = 8

export function describeSimulation(simulation: Simulation, paint: Paint): string[] {
  const { answers, more, sample } = simulation
  const changed = answers.filter(({ isChanged }) => isChanged).length
  const sum =
    changed === 0
      ? 'no answer would change'
      : `${more ? 'more than ' : ''}${changed} ${changed === 1 ? 'answer' : 'answers'} would change`
  return [
    ...headLines(simulation, paint),
    ...answers.flatMap((answer) => ['', ...answerLines(answer, paint)]),
    ...(answers.length === 0 ? [] : ['']),
    `${sum} (over ${sample} ${sample === 1 ? 'client' : 'clients'}; nothing was touched)`,
  ]
}

function headLines({ changes, failed, unnoticed, held }: Simulation, paint: Paint): string[] {
  const list = (names: readonly string[]) => {
    const more = names.length > LISTED ? ` and ${names.length - LISTED} more` : ''
    return printable(names.slice(0, LISTED).join(', ') + more)
  }
  const stays = held.map(({ loadBalancer, endpoint }) => `${endpoint} of ${loadBalancer}`)
  return [
    ...(changes === 0 ? [] : [`draft      ${changes} ${changes === 1 ? 'resource' : 'resources'} changed`]),
    ...(failed.length === 0 ? [] : [`down       ${list(failed)}`]),
    ...(unnoticed.length === 0
      ? []
      : [paint.yellow(`unnoticed  ${list(unnoticed)}: no monitor checks that`)]),
    ...(stays.length === 0 ? [] : [paint.yellow(`held       ${list(stays)}: beyond the withdrawal budget`)]),
  ]
}

function answerLines(answer: Answer, paint: Paint): string[] {
  const { name, type, isChanged, moved, before, after, clients } = answer
  const what = isChanged ? `${percent(moved)} of the queries get another answer` : 'unchanged'
  const rows = clients.map((one) => [
    one.client,
    one.before.join(', '),
    one.after.join(', '),
    one.moved === 0
      ? { text: '0%', style: 'dim' as const }
      : { text: percent(one.moved), style: 'yellow' as const },
  ])
  const header = ['CLIENT', 'BEFORE', 'AFTER', 'MOVED']
  return [
    `${paint.bold(printable(`${name} ${type}`))}: ${what}`,
    `  before  ${sideText(before)}`,
    ...(isChanged ? [`  after   ${sideText(after)}`] : []),
    ...(rows.length === 0 ? [] : renderTable(header, rows, { paint, none: '' }).map((line) => `  ${line}`)),
  ]
}

function sideText(side: Side): string {
  if (side === null) return 'no such load balancer'
  const { shares, ttlSec, rule } = side
  const values = shares
    .slice(0, MAX_VALUES)
    .map(({ value, share }) => (shares.length === 1 ? value : `${value} ${percent(share)}`))
  const rest = shares.length > MAX_VALUES ? `, and ${shares.length - MAX_VALUES} more` : ''
  const ttl = ttlSec === null ? '' : `, TTL ${ttlSec}`
  const note = rule === 'when-down' ? 'nothing healthy: ' : ''
  return printable(`${note}${values.join(', ')}${rest}${ttl}`)
}
