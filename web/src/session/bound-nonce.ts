/** The nonce of a login, as the command line and the control make it (src/adapters/oidc/bound-nonce.ts), in a browser. */
import { nonceText } from '../../../src/core/access/nonce-text.ts'

export async function boundNonce(key: string, origin: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(nonceText(key, origin)))
  return base64Url(new Uint8Array(digest))
}

/** 256 bits by chance. */
export function nonceKey(): string {
  return base64Url(crypto.getRandomValues(new Uint8Array(32)))
}

function base64Url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
}
