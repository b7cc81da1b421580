/**
 * By which certificate each node has come last: when it ends, and whether it was revoked since, which is how a node is taken away for
 * good.
 * What must stay true: a node that has come by another certificate since is not taken for revoked; one that renews itself in time is
 * never told of.
 */
import { formatPeerIdentity, type PeerIdentity } from '../core/model/peer-identity.ts'

export interface NodeCertificate {
  readonly identity: PeerIdentity
  readonly serial: string
  /** Wall ms. */
  readonly beginsMs: number
  readonly endsMs: number
}

/** A node renews its certificate before so little of its life is left... */
const LEFT = 1 / 5
/** ...which begins so long before it is made. */
const BEGINS_BEFORE_MS = 10 * 60_000
/** One that somebody makes by hand, for years, is told of for so long. */
const NOTICE_MS = 7 * 86_400_000

export class NodeCertificates {
  readonly #shown = new Map<string, NodeCertificate>()

  shown({ identity, serial, beginsMs, endsMs }: NodeCertificate): void {
    this.#shown.set(formatPeerIdentity(identity), { identity, serial, beginsMs, endsMs })
  }

  /** Whose certificate is among `serials`, each told once. */
  revoked(serials: Pick<ReadonlySet<string>, 'has'>): PeerIdentity[] {
    const taken = [...this.#shown].filter(([, { serial }]) => serials.has(serial))
    for (const [key] of taken) this.#shown.delete(key)
    return taken.map(([, { identity }]) => identity)
  }

  /** In order of identity. */
  all(): NodeCertificate[] {
    return [...this.#shown].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, certificate]) => certificate)
  }

  /** Those that should have been renewed by now, and those that have ended. */
  overdue(wallMs: number): NodeCertificate[] {
    return this.all().filter(({ beginsMs, endsMs }) => {
      const lifeMs = Math.max(0, endsMs - beginsMs - BEGINS_BEFORE_MS)
      return endsMs - wallMs < Math.min(NOTICE_MS, lifeMs * LEFT)
    })
  }
}
