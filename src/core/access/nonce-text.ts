/**
 * What the nonce of a login is the hash of: it says which control the ID token is for, to nobody but whoever has the key.
 * What must stay true: command line, console and control make the same of the same; of another origin it is another text.
 */

/** `key` by chance, of 256 bits; `origin` of the API as a URL has it. The nonce is base64url(SHA-256). */
export function nonceText(key: string, origin: string): string {
  return `fairlead login\n${key}\n${origin}`
}
