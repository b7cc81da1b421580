/** How many of those that somebody judges are up. */
import type { EndpointCounts } from '../../../src/core/views/status.ts'

export function upText({ total, up, other }: EndpointCounts): string {
  return `${up} of ${total - other} up`
}
