/**
 * The TXT record that marks a name as ours in a zone that others hold, as ExternalDNS marks its own. It carries a digest of what was
 * published there: what does not fit it was edited by somebody else. Pure but for the digest, which is given.
 */
export interface Ownership {
  readonly owner: string
  readonly digest: string
}

/** Where the mark of a name stands; a wildcard has a name of its own for it. */
export function markName(name: string): string {
  return name.startsWith('*.') ? `_fairlead-any.${name.slice(2)}` : `_fairlead.${name}`
}

/** Data of the TXT record, in presentation format. */
export function markText({ owner, digest }: Ownership): string {
  return `"heritage=fairlead,owner=${owner},digest=${digest}"`
}

/** null: it is no mark of a Fairlead. */
export function parseMark(text: string): Ownership | null {
  const [, owner, digest] = /^"heritage=fairlead,owner=([a-z0-9._-]+),digest=([0-9a-f]+)"$/.exec(text) ?? []
  return owner === undefined || digest === undefined ? null : { owner, digest }
}
