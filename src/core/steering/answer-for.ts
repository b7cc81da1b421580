/**
 * What one client gets of a record set, how often each value is in its answers, and how that comes about, in words.
 * Without a client: what any gets, as far as that is the same for all.
 */
import type { RecordSet } from '../dns/record-set.ts'
import { familyOf } from '../net/address.ts'
import { networkOf } from '../net/prefix.ts'
import { evaluate, haversine, holds, type Client } from './evaluate.ts'
import type { Leaf, Selector } from './selector.ts'
import { sharesOf } from './shares-of.ts'
import { shownAnswer, type ShownAnswer } from './shown-answer.ts'

export interface ClientAnswer extends ShownAnswer {
  /** Of each value, in their order, 0 to 1: of the client's queries; without a client of those of all. Absent: not known so. */
  readonly shares?: number[]
  readonly steps: readonly string[]
}

export function answerFor(record: RecordSet, client: Client | null): ClientAnswer {
  if (record.kind !== 'steered') {
    const steps = client === null ? [] : [`every client gets the same answer, ${client.address} too`]
    return { ...shownAnswer(record), steps }
  }
  const { selector } = record
  if (client === null) {
    if (selector.kind === 'by-client')
      return { ...shownAnswer(record), steps: ['the answer depends on the client'] }
    return { ...shownAnswer(record), ...sharesForAll(selector), steps: methodSteps(selector) }
  }
  const { leaf, branch } = leafFor(selector, client)
  const steps =
    selector.kind === 'by-client' && branch === null ? [`no rule is about the client ${client.address}`] : []
  const shown = shownAnswer({ ...record, selector: leaf })
  if (leaf.kind === 'sticky') {
    const { values } = evaluate(leaf, client, () => 0)
    return {
      kind: 'sticky',
      values: values.toSorted(),
      shares: values.map(() => 1),
      steps: [
        ...steps,
        ...methodSteps(leaf),
        `the clients in ${prefixOf(leaf, client)} get ${values.join(', ')}`,
      ],
    }
  }
  if (leaf.kind !== 'nearest')
    return { ...shown, ...sharesForAll(leaf), steps: [...steps, ...methodSteps(leaf)] }
  const near = nearestFor(leaf, client)
  return { kind: 'nearest', ...near, steps: [...steps, ...methodSteps(leaf), nearestStep(client, near)] }
}

/** The leaf that answers the client, with the branch it stands in; null: it is for all others, or there are none. */
function leafFor(
  selector: Selector,
  client: Client,
): { readonly leaf: Leaf; readonly branch: number | null } {
  if (selector.kind !== 'by-client') return { leaf: selector, branch: null }
  const index = selector.branches.findIndex(({ when }) => holds(when, client))
  const branch = selector.branches[index]
  return branch === undefined
    ? { leaf: selector.otherwise, branch: null }
    : { leaf: branch.then, branch: index }
}

/** Where all clients are treated alike: of all queries. */
function sharesForAll(leaf: Leaf): { shares?: number[] } {
  if (leaf.kind === 'values') return { shares: leaf.values.map(() => 1) }
  return leaf.kind === 'weighted' || leaf.kind === 'sticky'
    ? { shares: sharesOf(leaf.choices, leaf.answers) }
    : {}
}

type NearestLeaf = Extract<Leaf, { kind: 'nearest' }>

/** Those that are in every answer, and those at one distance among which the rest is drawn. */
function nearestFor(
  { choices, answers }: NearestLeaf,
  { location }: Client,
): { values: string[]; shares: number[] } {
  const { latitude, longitude } = location ?? {}
  const isKnown = latitude !== undefined && longitude !== undefined
  const far = choices.map((choice) => ({
    value: choice.value,
    distance: isKnown ? haversine({ latitude, longitude }, choice) : 0,
  }))
  const cutoff = far.map(({ distance }) => distance).sort((a, b) => a - b)[answers - 1] ?? 0
  const closer = far.filter(({ distance }) => distance < cutoff)
  const tied = far.filter(({ distance }) => distance === cutoff)
  const inAnswer = far.filter(({ distance }) => distance <= cutoff)
  return {
    values: inAnswer.map(({ value }) => value),
    shares: inAnswer.map((one) => (tied.includes(one) ? (answers - closer.length) / tied.length : 1)),
  }
}

function nearestStep(
  { location }: Client,
  { values, shares }: { values: string[]; shares: number[] },
): string {
  const drawn = shares.some((share) => share < 1) ? ', drawn among those that are equally far' : ''
  if (location?.latitude === undefined)
    return `nobody knows where the client is, so all are equally near: ${values.join(', ')}`
  return `nearest to the client: ${values.join(', ')}${drawn}`
}

function prefixOf(leaf: Extract<Leaf, { kind: 'sticky' }>, { address }: Client): string {
  const bits = familyOf(address) === 4 ? leaf.ipv4PrefixBits : leaf.ipv6PrefixBits
  return `${networkOf(address, bits)}/${bits}`
}

function methodSteps(leaf: Leaf): string[] {
  switch (leaf.kind) {
    case 'weighted':
      return [`each query gets ${countOf(leaf)}, in proportion to the weights`]
    case 'sticky':
      return [`each client gets ${countOf(leaf)} and keeps it, in proportion to the weights`]
    case 'nearest':
      return [`each client gets ${countOf(leaf)}, of the nearest sites`]
    case 'values':
      return [`every client gets ${leaf.values.length === 1 ? 'this' : `all ${leaf.values.length}`}`]
    case 'refuse':
      return ['the client gets an error']
    case 'empty':
      return ['the client gets nothing (NODATA)']
  }
}

function countOf({
  answers,
  choices,
}: {
  readonly answers: number
  readonly choices: readonly unknown[]
}): string {
  return `${answers === 1 ? 'one' : String(answers)} of ${choices.length}`
}
