/**
 * The nonce of a login: it says which control the ID token is for, to nobody but whoever has the key.
 * What must stay true: command line and control make the same of the same; an ID token that one control was sent is refused by every
 * other one, as that has another address.
 */
import { createHash } from 'node:crypto'
import { nonceText } from '../../core/access/nonce-text.ts'

/** `key` by chance, of 256 bits; `origin` of the API as a URL has it. */
export function boundNonce(key: string, origin: string): string {
  return createHash('sha256').update(nonceText(key, origin)).digest('base64url')
}
