/** What a fault says beforehand of nameservers and endpoints, so that answers are judged by it. */
import type { Truth } from '../load/truth.ts'
import { monotonicMs } from '../monotonic-ms.ts'
import type { Endpoint } from './endpoint.ts'
import type { LabSite } from './lab-site.ts'

export interface Expected {
  /** They give no answer. */
  readonly silent?: readonly LabSite[]
  /** They hold what they have. */
  readonly holding?: readonly LabSite[]
  /** They are reached by some only. */
  readonly doubtful?: readonly Endpoint[]
  /** They are added: doubtful, and in no answer of before. */
  readonly joining?: readonly Endpoint[]
}

/** From now on, until the function that it gives is called. */
export function begin(
  { silent = [], holding = [], doubtful = [], joining = [] }: Expected,
  truth: Truth,
): () => void {
  const nowMs = monotonicMs()
  const spans = [
    ...silent.map(({ nameserver }) => [nameserver.name, 'silent', nowMs] as const),
    ...holding.map(({ nameserver }) => [nameserver.name, 'holding', nowMs] as const),
    ...doubtful.map(({ name }) => [name, 'doubtful', nowMs] as const),
    ...joining.map(({ name }) => [name, 'doubtful', 0] as const),
  ]
  for (const [of, state, fromMs] of spans) truth.begins(of, state, fromMs)
  return () => {
    for (const [of, state] of spans) truth.ends(of, state)
  }
}
