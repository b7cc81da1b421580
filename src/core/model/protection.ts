/** A protection: what it is about changes only after a second person has approved of the change. */
import { z } from 'zod'
import { operationAuthor, operationReason } from './operation.ts'
import { IDENTIFIER_PATTERN as NAME } from './scalars.ts'

/** As people write them, with the kind that each is. */
const PROTECTED_WORDS = {
  site: 'site',
  zone: 'zone',
  monitor: 'monitor',
  pool: 'pool',
  'client-map': 'clientMap',
  'load-balancer': 'loadBalancer',
} as const

type Word = keyof typeof PROTECTED_WORDS
type ProtectedKind = (typeof PROTECTED_WORDS)[Word]

const DNS_NAME = '(?:\\*\\.)?[a-z0-9_-]+(?:\\.[a-z0-9_-]+)*'

export const protectionTarget = z
  .string()
  .max(300)
  .regex(new RegExp(`^(?:(?:site|monitor|pool|client-map)/${NAME}|(?:zone|load-balancer)/${DNS_NAME})$`), {
    error:
      "what is protected is named 'zone/NAME', 'load-balancer/NAME', 'pool/NAME', 'site/NAME', 'monitor/NAME' or 'client-map/NAME', in lower case",
  })
  .describe(
    "What is protected, such as 'zone/example.com': with its load balancers; 'pool/web': with its endpoints",
  )

export const protectionSchema = z
  .strictObject({ name: protectionTarget, reason: operationReason, author: operationAuthor })
  .meta({
    id: 'Protection',
    description:
      'What changes only after somebody else than the author has approved. Overrides, drains, failbacks and budget releases are of the moment and need none.',
  })

export type Protection = z.output<typeof protectionSchema>

export function protectedBy({ name }: Pick<Protection, 'name'>): {
  readonly kind: ProtectedKind
  readonly key: string
} {
  const slash = name.indexOf('/')
  return { kind: PROTECTED_WORDS[name.slice(0, slash) as Word], key: name.slice(slash + 1) }
}

/** Name of the protection of a resource; null for what cannot have one. */
export function protectionOf(kind: string, key: string): string | null {
  const found = (Object.entries(PROTECTED_WORDS) as [Word, ProtectedKind][]).find(([, one]) => one === kind)
  return found === undefined ? null : `${found[0]}/${key}`
}
