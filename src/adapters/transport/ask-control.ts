/** One small request to a control, by HTTPS, and its answer; bounded in size and time. */
import { request } from 'node:https'
import type { SecureContextOptions } from 'node:tls'
import { faultOfControl } from './fault-of-control.ts'
import type { ControlAddress } from './feed-connection.ts'
import { problemDetail } from './problem-detail.ts'
import type { Revocations } from './revocations.ts'
import { strangerFault } from './stranger-fault.ts'

export interface ControlRequest {
  readonly to: ControlAddress
  /** What is shown, and the authorities of the control. */
  readonly secure: SecureContextOptions
  /** Absent: nothing is known of any yet. */
  readonly revocations?: Pick<Revocations, 'has'>
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly body?: unknown
}

const ANSWER_MS = 10_000
const MAX_BYTES = 4 * 1_024 * 1_024

/** The control said no: asking again says the same. */
export class ControlRefusedError extends Error {
  override readonly name = 'ControlRefusedError'
}

/** Rejects with a sentence where it does not answer, or not with a good status; ControlRefusedError for 403. */
export async function askControl(what: ControlRequest): Promise<unknown> {
  const { status, body } = await exchange(what)
  if (status === 200 || status === 201) return body
  const detail = problemDetail(body) ?? `it answered with status ${status}`
  throw status === 403 ? new ControlRefusedError(detail) : new Error(detail)
}

function exchange({
  to,
  secure,
  revocations,
  method,
  path,
  body,
}: ControlRequest): Promise<{ status: number; body: unknown }> {
  const text = body === undefined ? '' : JSON.stringify(body)
  return new Promise((resolve, reject) => {
    const asking = request({
      ...secure,
      ...{ host: to.host, port: to.port, method, path, agent: false, rejectUnauthorized: true },
      headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) },
      // The certificate names the role, not the address. Before the first byte: a token is said to controls only.
      checkServerIdentity: (_host, certificate) => faultOfControl(certificate, revocations),
      signal: AbortSignal.timeout(ANSWER_MS),
    })
    asking.once('response', (response) => {
      const chunks: Buffer[] = []
      let bytes = 0
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length
        if (bytes > MAX_BYTES) asking.destroy(new Error(`more than ${MAX_BYTES} bytes`))
        chunks.push(chunk)
      })
      response.once('end', () => {
        resolve({ status: response.statusCode ?? 0, body: parsed(Buffer.concat(chunks).toString('utf8')) })
      })
      response.once('error', reject)
    })
    asking.once('error', (error: NodeJS.ErrnoException) => {
      const fault = strangerFault(error.code ?? '')
      reject(
        fault === null
          ? error
          : new Error(`its certificate is not to be believed: ${fault}`, { cause: error }),
      )
    })
    asking.end(text)
  })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return null
  }
}
