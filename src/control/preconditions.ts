/** If-Match and If-None-Match (RFC 9110 13.1): what a writer believes is there, what a reader already has. */

export interface Preconditions {
  readonly ifMatch?: string | undefined
  readonly ifNoneMatch?: string | undefined
}

/** Why a write must not happen, or null. `etag` is null when the resource does not exist. */
export function failedPrecondition(preconditions: Preconditions, etag: string | null): string | null {
  const { ifMatch, ifNoneMatch } = preconditions
  if (ifMatch !== undefined) {
    if (etag === null) return 'If-Match was given, but there is no such resource'
    if (!isListed(ifMatch, etag, 'strong'))
      return `If-Match names another version; the present one is ${etag}: read it again, then decide`
  }
  if (ifNoneMatch !== undefined && etag !== null && isListed(ifNoneMatch, etag, 'weak'))
    return ifNoneMatch.trim() === '*'
      ? 'If-None-Match: * was given, but the resource exists'
      : 'If-None-Match names the present version'
  return null
}

/** True when the reader's copy is the present one: 304. */
export function isNotModified(ifNoneMatch: string | undefined, etag: string): boolean {
  return ifNoneMatch !== undefined && isListed(ifNoneMatch, etag, 'weak')
}

/** A weak tag never matches strongly (RFC 9110 8.8.3.2). */
function isListed(header: string, etag: string, comparison: 'strong' | 'weak'): boolean {
  return header.split(',').some((item) => {
    const tag = item.trim()
    return tag === '*' || tag === etag || (comparison === 'weak' && tag === `W/${etag}`)
  })
}
