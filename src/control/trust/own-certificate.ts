/** The certificate of this control itself: renewed by its own hand, with the names that it has. */
import type { X509Certificate } from 'node:crypto'
import type { TrustService } from './trust-service.ts'

/** PEM. Throws with the reason why there is none. */
export async function renewOwnCertificate(
  trust: TrustService,
  about: {
    readonly current: X509Certificate
    readonly identity: string
    readonly publicKey: string
    readonly believes: readonly string[]
  },
): Promise<string> {
  const { current, identity, publicKey, believes } = about
  const { serialNumber: serial, subjectAltName = '' } = current
  const names = Array.from(subjectAltName.matchAll(/(?:DNS|IP Address):([^,"]+)/g), ([, name = '']) =>
    name.toLowerCase(),
  )
  const outcome = await trust.renewOwn({ serial, identity, names, publicKey, believes })
  if (outcome.kind !== 'issued') throw new Error(outcome.reason)
  return outcome.chain
}
