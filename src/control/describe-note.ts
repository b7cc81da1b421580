/** What steering did beside the verdicts, in a sentence for the events. */
import type { EndpointKey } from '../core/model/resource.ts'
import type { SteeringNote } from '../core/steering/state/steering-note.ts'

const LISTED = 5

export function describeNote(note: SteeringNote): string {
  switch (note.kind) {
    case 'held': {
      const whose = note.budget === 'total' ? 'of all endpoints' : `of ${note.loadBalancer}`
      return (
        `the withdrawal budget ${whose} is spent: ${note.loadBalancer} goes on answering with ${listOf(note.endpoints)}, ` +
        "though the verdict is down. Look at the checks; let them go with 'fairlead budget release'"
      )
    }
    case 'hold-ended':
      return `${listOf(note.endpoints)}: ${OUTCOMES[note.outcome]}`
    case 'latched':
      return `${note.type} answers stay on the tier of the pool ${note.pool} until a failback`
  }
}

const OUTCOMES = {
  withdrawn: 'held no longer, the budget reaches for them again; they are not answered with any more',
  released: 'held no longer, an operator released them; they are not answered with any more',
  answered: 'held no longer, they are up again or an operator decides on them',
} as const

function listOf(endpoints: readonly EndpointKey[]): string {
  const more = endpoints.length - LISTED
  const listed = endpoints.slice(0, LISTED).join(', ')
  return more > 0 ? `${listed} and ${more} more` : listed
}
