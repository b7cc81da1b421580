/** What a file's fault says beside what was expected: which field, and which word was meant. */
import type { Fault } from '../../core/model/fault.ts'
import { didYouMean } from '../../core/model/zod-faults.ts'
import { segmentsOf } from './locate-pointer.ts'

/** Names the field that is missing, and adds the likely one where one of a few words is expected and another one was written. */
export function withHint(fault: Fault, value: unknown): Fault {
  if (fault.message.startsWith('missing: '))
    return { ...fault, message: `'${segmentsOf(fault.pointer).at(-1) ?? ''}' is ${fault.message}` }
  const words = /^one of (.+) is expected$/.exec(fault.message)?.[1]?.matchAll(/'([^']+)'/g)
  const written = segmentsOf(fault.pointer).reduce<unknown>(
    (place, segment) => (place as Readonly<Record<string, unknown>> | null | undefined)?.[segment],
    value,
  )
  if (words === undefined || typeof written !== 'string') return fault
  const known = Array.from(words, ([, word]) => word ?? '')
  return { ...fault, message: fault.message + didYouMean(written, known) }
}
