/** What the page shows, read anew: by two requests to one control, so each part is of its own moment. */
import type { NameserverDetail } from '../../../src/core/views/health.ts'
import type { Status } from '../../../src/core/views/status.ts'
import type { Known } from '../state/known.ts'
import { call, type Reply } from './call.ts'

export async function readKnown(token: string, signal: AbortSignal): Promise<Reply<Known>> {
  const [status, nameservers] = await Promise.all([
    call<Status>({ path: '/v1/status', token }, signal),
    call<{ items: readonly NameserverDetail[] }>({ path: '/v1/nameservers', token }, signal),
  ])
  if (status.kind !== 'ok') return status
  if (nameservers.kind !== 'ok') return nameservers
  return { kind: 'ok', body: { status: status.body, nameservers: nameservers.body.items } }
}
