/** The words by which the command line names kinds of resources. */
import { CommandError, EXIT } from '../core/exit-code.ts'
import { didYouMean } from '../core/model/zod-faults.ts'
import type { Kind } from '../core/model/resource.ts'
import { apiPath } from './api/api-client.ts'

export interface KindWords {
  readonly kind: Kind
  /** For people, as messages say it. */
  readonly word: string
  /** In paths of the API, and as the command line lists it. */
  readonly plural: string
  readonly aliases: readonly string[]
}

export const KIND_WORDS: readonly KindWords[] = [
  { kind: 'site', word: 'site', plural: 'sites', aliases: [] },
  { kind: 'zone', word: 'zone', plural: 'zones', aliases: [] },
  { kind: 'monitor', word: 'monitor', plural: 'monitors', aliases: [] },
  { kind: 'pool', word: 'pool', plural: 'pools', aliases: [] },
  { kind: 'endpoint', word: 'endpoint', plural: 'endpoints', aliases: [] },
  { kind: 'clientMap', word: 'client-map', plural: 'client-maps', aliases: ['clientMap', 'clientMaps'] },
  {
    kind: 'loadBalancer',
    word: 'load-balancer',
    plural: 'load-balancers',
    aliases: ['lb', 'lbs', 'loadBalancer', 'loadBalancers'],
  },
  { kind: 'override', word: 'override', plural: 'overrides', aliases: [] },
  { kind: 'drain', word: 'drain', plural: 'drains', aliases: [] },
  { kind: 'rule', word: 'rule', plural: 'rules', aliases: [] },
  { kind: 'protection', word: 'protection', plural: 'protections', aliases: [] },
  { kind: 'settings', word: 'settings', plural: 'settings', aliases: [] },
]

/** The kind that a word on the command line names. Throws CommandError with what is known. */
export function parseKindWord(text: string, others: readonly string[] = []): KindWords | string {
  const found = KIND_WORDS.find(({ word, plural, aliases }) => [word, plural, ...aliases].includes(text))
  if (found !== undefined) return found
  const other = others.find((plural) => plural === text || plural === `${text}s`)
  if (other !== undefined) return other
  const known = [...KIND_WORDS.map(({ plural }) => plural), ...others]
  const hint = didYouMean(text, [...KIND_WORDS.map(({ word }) => word), ...known])
  throw new CommandError(EXIT.badInput, `'${text}' is no kind${hint} (expected: one of ${known.join(', ')})`)
}

export function wordOfKind(kind: string): string {
  return KIND_WORDS.find((words) => words.kind === kind)?.word ?? kind
}

/** The path of one resource at the API; an endpoint is named POOL/NAME. */
export function resourcePath(words: KindWords, name: string): string {
  if (words.kind === 'settings') return 'v1/settings'
  if (words.kind !== 'endpoint') return `v1/${apiPath(words.plural, name)}`
  const [pool = '', endpoint = '', ...more] = name.split('/')
  if (pool === '' || endpoint === '' || more.length > 0)
    throw new CommandError(EXIT.badInput, `an endpoint is named POOL/NAME, such as web/ams-1, not '${name}'`)
  return `v1/${apiPath('pools', pool, 'endpoints', endpoint)}`
}
