/** What a request asks for and who asks, as one text: a retry gives the same, anything else another one. Pure. */
import { createHash } from 'node:crypto'

export function requestDigest(author: string, asked: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify([author, asked]))
    .digest('hex')
}
