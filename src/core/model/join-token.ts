/**
 * A join token as text: what a node needs to know for its first word with a control, and nothing of what it will be.
 * `join1.FINGERPRINT.SECRET`: the SHA-256 of the authority's certificate in hexadecimal, by which the node knows the control, and the
 * secret, by which the control knows the node.
 */
export interface JoinToken {
  readonly fingerprint: string
  readonly secret: string
}

export function formatJoinToken({ fingerprint, secret }: JoinToken): string {
  return `join1.${fingerprint}.${secret}`
}

/** null: it is none. */
export function parseJoinToken(text: string): JoinToken | null {
  const match = /^join1\.([0-9a-f]{64})\.([A-Za-z0-9_-]{43})$/.exec(text.trim())
  const [, fingerprint, secret] = match ?? []
  return fingerprint === undefined || secret === undefined ? null : { fingerprint, secret }
}
