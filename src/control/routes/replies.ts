/** What every route may reply beside its own: the problems, as OpenAPI describes them. */
import { z } from 'zod'
import { changeOutcomeSchema } from '../../core/views/change-set.ts'
import { problemSchema } from '../../core/views/problem.ts'

const problem = { 'application/problem+json': { schema: problemSchema } }

export const PROBLEM_REPLIES = {
  '4xx': { description: 'The request was refused', content: problem },
  '5xx': {
    description:
      'It could not be done now (503, 507), or there is a defect (500); after a write it may be open whether it was kept: `detail` says so',
    content: problem,
  },
} as const

/** Of a change set that touches something protected. */
export const PROPOSED = {
  202: changeOutcomeSchema.describe('Proposed: it waits for the approval of somebody else'),
} as const

export const NOT_MODIFIED = {
  304: z.undefined().describe('If-None-Match names the present version'),
} as const

/** What is said of a content type other than JSON. */
export function textReply(description: string, type: string) {
  return { description, content: { [type]: { schema: z.string() } } }
}
