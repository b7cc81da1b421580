/** A record set as people are shown it: what it can answer with, how one of that is chosen, and by which weights. */
import { valuesOf, type RecordSet } from '../dns/record-set.ts'
import type { ClientCondition, Leaf, Selector } from './selector.ts'

export const ANSWER_KINDS = ['plain', 'weighted', 'sticky', 'nearest', 'by-client', 'refused'] as const

export interface ShownAnswer {
  /** How it is chosen: plain, the same for all; by-client: rules know clients. */
  readonly kind: (typeof ANSWER_KINDS)[number]
  readonly values: string[]
  /** Of each value, in their order, where it is chosen by weight for every client alike. */
  readonly weights?: number[]
}

export function shownAnswer(record: RecordSet): ShownAnswer {
  const values = [...valuesOf(record)]
  if (record.kind !== 'steered') return { kind: record.kind, values }
  const { selector } = record
  return { kind: kindOf(selector), values, ...weightsOf(selector) }
}

/** One line for each value or condition: two record sets answer alike where these are the same, whatever their TTL. */
export function answerLines(record: RecordSet): string[] {
  switch (record.kind) {
    case 'plain':
      return [...record.values]
    case 'refused':
      return ['(refused)']
    case 'steered':
      return selectorLines(record.selector)
  }
}

function selectorLines(selector: Selector): string[] {
  if (selector.kind !== 'by-client') return leafLines(selector)
  return [
    ...selector.branches.flatMap(({ when, then }) =>
      leafLines(then).map((line) => `${clientsText(when)}: ${line}`),
    ),
    ...leafLines(selector.otherwise).map((line) => `other clients: ${line}`),
  ]
}

function leafLines(leaf: Leaf): string[] {
  switch (leaf.kind) {
    case 'values':
      return [...leaf.values]
    case 'weighted':
      return leaf.choices.map(({ value, weight }) => `${value} (weight ${weight})`)
    case 'sticky':
      return leaf.choices.map(({ value, weight }) => `${value} (sticky, weight ${weight})`)
    case 'nearest':
      return leaf.choices.map(({ value }) => `${value} (where nearest)`)
    case 'refuse':
      return ['(refused)']
    case 'empty':
      return ['(none)']
  }
}

function clientsText(when: ClientCondition): string {
  switch (when.kind) {
    case 'continents':
      return when.continents.join(', ')
    case 'countries':
      return when.countries.join(', ')
    case 'asns':
      return when.asns.map((asn) => `AS${asn}`).join(', ')
    case 'prefixes':
      return `${when.map} (${when.include.length} prefixes)`
  }
}

function kindOf(selector: Selector): ShownAnswer['kind'] {
  switch (selector.kind) {
    case 'values':
    case 'empty':
      return 'plain'
    case 'refuse':
      return 'refused'
    case 'weighted':
    case 'sticky':
    case 'nearest':
    case 'by-client':
      return selector.kind
  }
}

function weightsOf(selector: Selector): { weights?: number[] } {
  return selector.kind === 'weighted' || selector.kind === 'sticky'
    ? { weights: selector.choices.map(({ weight }) => weight) }
    : {}
}
