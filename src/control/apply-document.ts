/** A document applied from within the process, as `fairlead up FILE` does: the same change as through the API. */
import { CommandError, EXIT } from '../core/exit-code.ts'
import { pointersOfDocument, resourcesOfDocument, type Document } from '../core/model/document.ts'
import { pointerTo } from '../core/model/fault.ts'
import { CONTROL_ITSELF } from './actor.ts'
import type { ChangeResult } from './change-order.ts'
import type { RequestedChange } from './change-plan.ts'
import { problemOfRefusal } from './routes/change-reply.ts'
import type { ConfigurationService } from './configuration-service.ts'

export interface AppliedDocument {
  readonly outcome: 'committed' | 'unchanged'
  /** The revision that holds it. */
  readonly revision: number
}

/** Throws CommandError 'badInput' with every fault, each with its pointer into the document. */
export async function applyDocument(
  service: ConfigurationService,
  document: Document,
  about: { readonly author: string; readonly message: string },
): Promise<AppliedDocument> {
  const changes = requestedBy(document)
  const result = await service.change({
    actor: { ...CONTROL_ITSELF, name: about.author },
    message: about.message,
    dryRun: false,
    decide: () => ({ kind: 'changes', changes }),
  })
  if (result.kind === 'committed' || result.kind === 'unchanged')
    return { outcome: result.kind, revision: result.revision }
  const lines = sentencesOf(result)
  throw new CommandError(
    EXIT.badInput,
    [`${about.message} cannot be applied (${result.kind})`, ...lines].join('\n'),
  )
}

/** Why it is not in force, and what is to be done. */
function sentencesOf(result: Exclude<ChangeResult, { kind: 'committed' | 'unchanged' }>): string[] {
  if (result.kind === 'invalid') return result.faults.map(({ pointer, message }) => `${pointer}: ${message}`)
  if ('changes' in result)
    return [
      `it touches ${(result.needsApproval ?? []).join(', ')}, which is protected, and waits as proposal ${result.proposal ?? ''}: ` +
        'start without the file, and let somebody else approve of it',
    ]
  return [problemOfRefusal(result).message]
}

function requestedBy(document: Document): RequestedChange[] {
  const pools = document.pools.map((spec, index): RequestedChange => ({
    op: 'put',
    kind: 'pool',
    key: spec.name,
    spec,
    pointer: pointerTo('', 'pools', index),
  }))
  const rest = { ...document, pools: [] }
  const pointers = pointersOfDocument(rest)
  return [
    ...resourcesOfDocument(rest).map(
      (resource, index) => ({ op: 'put', ...resource, pointer: pointers[index] ?? '' }) as RequestedChange,
    ),
    ...pools,
  ]
}
