/** One request to a control's API, with the token of its data directory. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ServiceProcess } from './service-process.ts'

export interface Reply {
  readonly status: number
  readonly etag: string | null
  readonly body: unknown
}

const TIMEOUT_MS = 30_000

/** null: no answer, or one that says nothing of the outcome. */
export async function sendTo(
  control: ServiceProcess,
  request: `${'GET' | 'PUT'} ${string}`,
  options: { body?: unknown; etag?: string } = {},
): Promise<Reply | null> {
  const [method = '', path = ''] = request.split(' ')
  const file = (name: string) => readFileSync(join(control.dataDir, name), 'utf8').trim()
  try {
    const response = await fetch(`${file('api-url')}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${file('token')}`,
        ...(options.body !== undefined && { 'content-type': 'application/json' }),
        ...(options.etag !== undefined && { 'if-match': options.etag }),
      },
      ...(options.body !== undefined && { body: JSON.stringify(options.body) }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    const body: unknown = await response.json()
    if (response.status >= 500) return null
    return { status: response.status, etag: response.headers.get('etag'), body }
  } catch {
    // The control was killed: what it did of this is found out at the end.
    return null
  }
}
