/** What a write replies, the same for every route: the outcome with its changes, or the problem. */
import type { FastifyReply } from 'fastify'
import { z } from 'zod'
import type { ChangeOutcome } from '../../core/views/change-set.ts'
import type { RecordedChange } from '../../ports/recorded-change.ts'
import { answerDiff } from '../answer-diff.ts'
import type { ApiParts } from '../api-parts.ts'
import { wordOf } from '../../core/model/local-fault.ts'
import type { ChangeResult, ChangeRefusal } from '../change-order.ts'
import { ProblemError } from '../problem-error.ts'
import { etagOf, resourceView } from '../resource-view.ts'
import type { Kind } from '../../core/model/resource.ts'

/** Unknown parameters are refused: a misspelt dryRun must not write. */
export const writeQuery = z.strictObject({
  dryRun: z
    .enum(['true', 'false'])
    .default('false')
    .describe('Change nothing: reply what would change, and which answers'),
  force: z
    .enum(['true', 'false'])
    .default('false')
    .describe(
      'Write also a drain that leaves a load balancer without any eligible endpoint, and an end of the signing of a zone whose parent may still have a DS',
    ),
  message: z.string().max(1_000).optional().describe('Why, for the history'),
  breakGlass: z
    .string()
    .trim()
    .min(1)
    .max(1_000)
    .optional()
    .describe('Why this change may break safety rules: it is written into the audit log'),
})

export const writeHeaders = z.looseObject({
  'if-match': z.string().optional().describe('Write only if the resource has this ETag: 412 otherwise'),
  'if-none-match': z.string().optional().describe("'*': write only if there is no such resource"),
})

/** `resource`: the one that the request names, for its ETag. Throws ProblemError for a refusal. */
export function replyToChange(
  reply: FastifyReply,
  context: { readonly result: ChangeResult; readonly parts: ApiParts },
  resource?: { readonly kind: Kind; readonly key: string },
): ChangeOutcome {
  const { result, parts } = context
  if (!('changes' in result)) throw problemOfRefusal(result)
  if (resource !== undefined) {
    const { kind, key } = resource
    const view = resourceView(result.after.configuration, kind, key)
    if (view !== null) void reply.header('etag', etagOf(view))
    const isNew = result.before.configuration[kind].get(key) === undefined && view !== null
    if (result.kind === 'committed' && isNew) void reply.code(201)
  }
  if (result.kind === 'proposed') void reply.code(202)
  const { proposal, needsApproval = [] } = result
  const outcome = {
    outcome: result.kind,
    revision: result.revision,
    changes: result.changes.map(changeView),
    ...(proposal !== undefined && { proposal }),
    ...(needsApproval.length > 0 && { needsApproval: [...needsApproval] }),
  }
  if (result.kind !== 'dry-run') return outcome
  const { before, after } = result
  return {
    ...outcome,
    answers: answerDiff(before.configuration, after.configuration, parts.observer.view),
  }
}

export function changeView({ kind, key, before, after }: RecordedChange): ChangeOutcome['changes'][number] {
  return { kind, name: key, before: shown(kind, before), after: shown(kind, after) }
}

/** Of keys not even what is encrypted: nobody needs it who reads what changed. */
function shown(kind: Kind, spec: unknown): unknown {
  if (spec === null || (kind !== 'signingKeys' && kind !== 'tsigKey')) return spec
  return JSON.parse(JSON.stringify(spec), (key, value: unknown) =>
    key === 'sealed' ? `${String(value).slice(0, 8)}...` : value,
  )
}

export function problemOfRefusal(refusal: ChangeRefusal): ProblemError {
  switch (refusal.kind) {
    case 'not-found':
    case 'precondition-failed':
    case 'refused-step':
      return new ProblemError(refusal.kind, { detail: refusal.detail })
    case 'forbidden': {
      const { reasons } = refusal
      const more = reasons.length > 10 ? `; and ${reasons.length - 10} more` : ''
      return new ProblemError('forbidden', { detail: `${reasons.slice(0, 10).join('; ')}${more}` })
    }
    case 'breaks-rules': {
      const { rules } = refusal
      const sentences = rules.map(({ name, message, finding }) => `${message} (rule '${name}': ${finding})`)
      return new ProblemError('breaks-rules', { detail: sentences.join('; '), rules })
    }
    case 'invalid':
      return new ProblemError('invalid', { faults: refusal.faults })
    case 'leaves-nothing': {
      const { loadBalancers } = refusal
      const named = loadBalancers.slice(0, 20).join(', ')
      const more = loadBalancers.length > 20 ? ` and ${loadBalancers.length - 20} more` : ''
      const detail = `no eligible endpoint would be left for ${named}${more}; force it if that is what you want`
      return new ProblemError('leaves-nothing', { detail, loadBalancers })
    }
    case 'referred': {
      const { deleted, referrers } = refusal
      const names = referrers.map((one) => `${wordOf(one.kind)} '${one.name}'`).slice(0, 5)
      const more = referrers.length > names.length ? ` and ${referrers.length - names.length} more` : ''
      const detail = `${wordOf(deleted.kind)} '${deleted.name}' cannot be deleted: ${names.join(', ')}${more} ${referrers.length === 1 ? 'refers' : 'refer'} to it`
      return new ProblemError('referred', { detail, referrers })
    }
  }
}
