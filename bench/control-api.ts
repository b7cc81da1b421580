/** A client of one control's API, with connections that stay open. */
import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'

export interface ApiReply {
  readonly status: number
  readonly etag: string
  readonly body: string
}

export class ControlApi implements Disposable {
  readonly #url: string
  readonly #token: string
  readonly #agent = new Agent({ keepAlive: true })

  /** Of the control that keeps its address and its token in this folder. */
  constructor(dataDir: string) {
    const file = (name: string) => readFileSync(join(dataDir, name), 'utf8').trim()
    this.#url = file('api-url')
    this.#token = file('token')
  }

  async send(
    to: `${'GET' | 'PUT' | 'POST'} ${string}`,
    { body, etag }: { readonly body?: unknown; readonly etag?: string } = {},
  ): Promise<ApiReply> {
    const [method = '', path = ''] = to.split(' ')
    const sent = body === undefined ? '' : JSON.stringify(body)
    const call = request(new URL(path, this.#url), {
      ...{ method, agent: this.#agent },
      headers: {
        authorization: `Bearer ${this.#token}`,
        ...(body !== undefined && {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(sent),
        }),
        ...(etag !== undefined && { 'if-match': etag }),
      },
    })
    call.end(sent)
    const [response] = (await once(call, 'response')) as [IncomingMessage]
    return {
      status: response.statusCode ?? 0,
      etag: response.headers.etag ?? '',
      body: await text(response),
    }
  }

  /** Throws when it was not committed. */
  async commit(id: string, changes: readonly unknown[]): Promise<void> {
    const { status, body } = await this.send('POST /v1/change-sets', { body: { id, changes } })
    if (status !== 200) throw new Error(`a change set was answered with ${status}: ${body.slice(0, 500)}`)
  }

  [Symbol.dispose](): void {
    this.#agent.destroy()
  }
}
