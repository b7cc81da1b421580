/** Faults that every check of references reports: what is not there, and what stands twice. */
import type { Configuration } from './configuration.ts'
import { pointerTo, type Fault } from './fault.ts'
import type { Kind } from './resource.ts'
import { didYouMean } from './zod-faults.ts'

/** A fault in one resource; `pointer` is relative to that resource. */
export interface LocalFault extends Fault {
  /** What the resource refers to and is not there; absent for other faults. */
  readonly missing?: { readonly kind: Kind; readonly key: string }
}

/** Beyond so many names the likely one is not looked for: a wrong reference must stay cheap to report. */
const MAX_COMPARED = 2_000

export function missing(
  configuration: Configuration,
  target: { kind: Kind; key: string; pointer: string },
): LocalFault[] {
  const { kind, key, pointer } = target
  const known = configuration[kind]
  if (known.has(key)) return []
  const word = wordOf(kind)
  const hint = known.size > MAX_COMPARED ? '' : didYouMean(key, [...known.keys()])
  return [{ pointer, message: `there is no ${word} '${key}'${hint}`, missing: { kind, key } }]
}

export function repeated(list: readonly string[], index: number, pointer: string): Fault[] {
  const item = list[index]
  if (item === undefined || list.indexOf(item) === index) return []
  return [{ pointer: pointerTo(pointer, index), message: `'${item}' stands here twice` }]
}

/** A kind in words, for sentences. */
export function wordOf(kind: Kind): string {
  if (kind === 'clientMap') return 'client map'
  if (kind === 'budgetRelease') return 'budget release'
  if (kind === 'tsigKey') return 'TSIG key'
  if (kind === 'signingKeys') return 'signing keys of'
  return kind === 'loadBalancer' ? 'load balancer' : kind
}
