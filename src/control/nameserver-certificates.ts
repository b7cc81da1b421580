/**
 * By which certificate each nameserver has reported last: one whose certificate was revoked was taken away for good.
 * What must stay true: a nameserver that has reported by another certificate since is not taken for it.
 */
export class NameserverCertificates {
  readonly #serials = new Map<string, string>()

  /** `nameserver`: by site and name. */
  shown(nameserver: string, serial: string): void {
    this.#serials.set(nameserver, serial)
  }

  /** Those that are taken away by that, each told once. */
  revoked(serials: Pick<ReadonlySet<string>, 'has'>): string[] {
    const taken = [...this.#serials].filter(([, serial]) => serials.has(serial)).map(([key]) => key)
    for (const key of taken) this.#serials.delete(key)
    return taken
  }
}
