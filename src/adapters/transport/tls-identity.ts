/**
 * The certificate, key and authorities of this process, from files: what it shows to others and what it demands of them.
 * What must stay true: TLS 1.3, verified both ways, by our own authorities only; files that do not fit together never take
 * the place of those that do.
 */
import type { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { createSecureContext, TLSSocket, type SecureContextOptions } from 'node:tls'
import { CommandError, EXIT } from '../../core/exit-code.ts'
import { formatPeerIdentity, parsePeerIdentity, type PeerIdentity } from '../../core/model/peer-identity.ts'
import type { Refusal } from '../../ports/refusals.ts'
import { fingerprintOf } from '../authority/fingerprint.ts'
import { authorityOf, certificatesIn, chainFrom } from './certificate-chain.ts'
import { Revocations } from './revocations.ts'
import { strangerFault } from './stranger-fault.ts'

export interface TlsFiles {
  readonly certificateFile: string
  readonly keyFile: string
  readonly caFile: string
}

export interface KnownPeer {
  readonly kind: 'known'
  readonly identity: PeerIdentity
  readonly serial: string
  /** Fingerprint of the one that its certificate is by. */
  readonly authority: string
  readonly beginsMs: number
  readonly endsMs: number
}

/** The other end of a connection. */
export type Peer =
  | KnownPeer
  /** It showed no certificate. */
  | { readonly kind: 'unknown' }
  | {
      readonly kind: 'refused'
      readonly who: string
      readonly reason: string
      /** By one of our authorities, though it is not believed. */
      readonly vouched?: true
    }

interface Shown {
  readonly identity: PeerIdentity | null
  readonly serial: string
  /** The identity, or else the subject. */
  readonly who: string
  readonly beginsMs: number
  readonly endsMs: number
  /** Fingerprints, as of the handshake: '' where it was not believed. */
  readonly authority: string
  readonly ownAuthority: string
  /** Of the handshake. */
  readonly fault: string | null
  /** It leads to one of our authorities, whatever else is wrong with it. */
  readonly isOurs: boolean
}

/** Clocks may be off by so much. */
const SKEW_MS = 5 * 60_000
/** A connection by an authority that is believed no more has so long to be made anew by the end that opened it. */
const RETIRED_MS = 45_000

interface Loaded {
  readonly certificate: X509Certificate
  readonly authority: string
  readonly authorities: ReadonlyMap<string, X509Certificate>
  readonly material: SecureContextOptions
  readonly identity: PeerIdentity
}

export class TlsIdentity {
  readonly revocations = new Revocations()
  readonly #shown = new WeakMap<TLSSocket, Shown>()
  readonly #files: TlsFiles
  readonly #listeners = new Set<() => void>()
  /** When each authority was given up. */
  readonly #retiredMs = new Map<string, number>()
  #loaded: Loaded

  /** Throws CommandError that names the file and the mend. */
  constructor(files: TlsFiles) {
    this.#files = files
    this.#loaded = load(files)
  }

  /** The same, for a process that plays this role. Throws CommandError where the certificate is that of another. */
  static of<R extends PeerIdentity['role']>(
    files: TlsFiles,
    role: R,
  ): { readonly tls: TlsIdentity; readonly identity: Extract<PeerIdentity, { role: R }> } {
    const tls = new TlsIdentity(files)
    const { identity } = tls
    if (identity.role !== role)
      throw new CommandError(
        EXIT.badInput,
        `${files.certificateFile} is that of ${formatPeerIdentity(identity)}: a certificate of a ${role} is expected`,
      )
    return { tls, identity: identity as Extract<PeerIdentity, { role: R }> }
  }

  /** For servers and clients alike. */
  get options(): SecureContextOptions {
    return this.#loaded.material
  }

  get identity(): PeerIdentity {
    return this.#loaded.identity
  }

  /** Reads the files again. Throws CommandError, and goes on with the old ones, when the new ones cannot be used. */
  reload(): void {
    const loaded = load(this.#files)
    const [before, after] = [this.#loaded.identity, loaded.identity].map(formatPeerIdentity)
    if (before !== after)
      throw new CommandError(
        EXIT.badInput,
        `${this.#files.certificateFile} is now that of ${after ?? ''}, this process is ${before ?? ''}: restart it to change that`,
      )
    for (const fingerprint of this.#loaded.authorities.keys())
      if (!loaded.authorities.has(fingerprint)) this.#retiredMs.set(fingerprint, Date.now())
    for (const fingerprint of loaded.authorities.keys()) this.#retiredMs.delete(fingerprint)
    this.#loaded = loaded
    for (const listener of this.#listeners) listener()
  }

  /** Before `pem`, a key and its chain, takes the place of the files. Throws CommandError where it could not be used. */
  expectUsable(pem: string): void {
    const { caFile } = this.#files
    const identity = TlsIdentity.identityOf(pem, { pem: read(caFile, 'authorities'), path: caFile })
    const own = formatPeerIdentity(this.identity)
    if (identity !== own)
      throw new CommandError(EXIT.badInput, `${ANSWERED} is that of ${identity}, this process is ${own}`)
  }

  /** Of a key and its chain that are no file yet. Throws CommandError where they could not be used by these authorities. */
  static identityOf(pem: string, ca: { readonly pem: Buffer; readonly path: string }): string {
    const bytes = Buffer.from(pem)
    const files = { certificateFile: ANSWERED, keyFile: ANSWERED, caFile: ca.path }
    const { certificate, identity } = load(files, { cert: bytes, key: bytes, ca: ca.pem })
    const [fromMs, untilMs] = [certificate.validFromDate.getTime(), certificate.validToDate.getTime()]
    const nowMs = Date.now()
    if (fromMs - SKEW_MS > nowMs || untilMs <= nowMs)
      throw new CommandError(
        EXIT.badInput,
        `${ANSWERED} is valid from ${certificate.validFrom} until ${certificate.validTo}, which is not now`,
      )
    return formatPeerIdentity(identity)
  }

  /** Calls `listener` after each reload that took. The result ends it. */
  onReload(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** The certificate itself, for how long it lasts. */
  get certificate(): X509Certificate {
    return this.#loaded.certificate
  }

  /** Fingerprint of the authority that it is by. */
  get authority(): string {
    return this.#loaded.authority
  }

  /** Whom this process believes. */
  get authorities(): readonly X509Certificate[] {
    return [...this.#loaded.authorities.values()]
  }

  get authorityFingerprints(): readonly string[] {
    return [...this.#loaded.authorities.keys()]
  }

  believes(fingerprint: string): boolean {
    return this.#loaded.authorities.has(fingerprint)
  }

  /** One end showed a certificate of an authority that is believed no more: whoever opened the connection makes it anew. */
  isOutdated(socket: Socket): boolean {
    const shown = socket instanceof TLSSocket ? this.#shownBy(socket) : null
    if (shown === null || shown.authority === '') return false
    return !this.believes(shown.authority) || !this.believes(shown.ownAuthority)
  }

  /** The verified other end of a connection; null when its certificate is none of ours, or is not believed any more. */
  peerOf(socket: Socket): PeerIdentity | null {
    const peer = this.judge(socket)
    return peer.kind === 'known' ? peer.identity : null
  }

  /** As `peerOf`, with why not. Also of a connection that stands: certificates expire and are revoked meanwhile. */
  judge(socket: Socket, nowMs = Date.now()): Peer {
    const shown = socket instanceof TLSSocket ? this.#shownBy(socket) : null
    if (shown === null) return { kind: 'unknown' }
    const { identity, serial, who, fault, beginsMs, endsMs, authority, isOurs } = shown
    const refused = (reason: string): Peer => ({
      ...{ kind: 'refused', who, reason },
      ...(isOurs && { vouched: true }),
    })
    if (fault !== null) return refused(fault)
    if (identity === null) return refused('its certificate names no part of Fairlead')
    if (this.revocations.has(serial)) return refused(`its certificate ${serial} was revoked`)
    // The handshake has looked at the time itself; of what stands since, clocks may be late.
    if (endsMs + SKEW_MS < nowMs) return refused('its certificate has expired')
    const retiredMs = this.believes(authority) ? undefined : this.#retiredMs.get(authority)
    if (retiredMs !== undefined && retiredMs + RETIRED_MS < nowMs)
      return refused('the authority of its certificate was retired')
    return { kind: 'known', identity, serial, authority, beginsMs, endsMs }
  }

  /** null: nothing. Kept for as long as the connection, which is looked at often. */
  #shownBy(socket: TLSSocket): Shown | null {
    const known = this.#shown.get(socket)
    if (known !== undefined) return known
    const certificate = socket.getPeerX509Certificate()
    if (certificate === undefined) return null
    const identity = identityOf(certificate)
    const leadsTo = authorityOf(chainFrom(certificate), this.authorities)
    const authority = socket.authorized ? leadsTo : null
    const shown = {
      isOurs: leadsTo !== null,
      ...{ identity, serial: certificate.serialNumber, ownAuthority: this.authority },
      ...{ beginsMs: certificate.validFromDate.getTime(), endsMs: certificate.validToDate.getTime() },
      authority: authority === null ? '' : fingerprintOf(authority),
      who: identity === null ? certificate.subject.replaceAll('\n', ', ') : formatPeerIdentity(identity),
      fault: socket.authorized ? null : `its certificate is not to be believed: ${reasonOfTls(socket)}`,
    }
    this.#shown.set(socket, shown)
    return shown
  }
}

/** For `load`, which names a file. */
const ANSWERED = 'the certificate that the control answered with'

function load(files: TlsFiles, pem = contentOf(files)): Loaded {
  const { certificateFile, keyFile, caFile } = files
  const material = { ...pem, minVersion: 'TLSv1.3' } as const satisfies SecureContextOptions
  const chain = usable(certificateFile, () => certificatesIn(material.cert))
  const authorities = usable(caFile, () => certificatesIn(material.ca))
  const [certificate] = chain
  if (certificate === undefined || authorities.length === 0)
    throw new CommandError(
      EXIT.badInput,
      `${certificate === undefined ? certificateFile : caFile} holds no certificate: PEM is expected`,
    )
  usable(keyFile, () => createSecureContext(material))
  const authority = authorityOf(chain, authorities)
  if (authority === null)
    throw new CommandError(
      EXIT.badInput,
      `${certificateFile} is not certified by any of the authorities in ${caFile}: nobody would believe it`,
    )
  const identity = identityOf(certificate)
  if (identity === null)
    throw new CommandError(
      EXIT.badInput,
      `${certificateFile} does not say who this is: a URI such as fairlead://checker/SITE/NAME, fairlead://nameserver/SITE/NAME or fairlead://control/NAME is expected as its only one of subject alternative name`,
    )
  return {
    ...{ certificate, material, identity, authority: fingerprintOf(authority) },
    authorities: new Map(authorities.map((one) => [fingerprintOf(one), one])),
  }
}

function contentOf({ certificateFile, keyFile, caFile }: TlsFiles) {
  return {
    cert: read(certificateFile, 'certificate'),
    key: read(keyFile, 'key'),
    ca: read(caFile, 'authorities'),
  }
}

function identityOf(certificate: X509Certificate): PeerIdentity | null {
  return parsePeerIdentity({
    subjectAltName: certificate.subjectAltName,
    commonName: /^CN=(.*)$/m.exec(certificate.subject)?.[1],
  })
}

function read(path: string, what: string): Buffer {
  try {
    return readFileSync(path)
  } catch (cause) {
    throw new CommandError(EXIT.fileAccess, `cannot read the ${what} in ${path}: ${reasonOf(cause)}`, {
      cause,
    })
  }
}

function usable<T>(path: string, use: () => T): T {
  try {
    return use()
  } catch (cause) {
    throw new CommandError(
      EXIT.badInput,
      `${path} cannot be used (PEM is expected, and a key that belongs to the certificate): ${reasonOf(cause)}`,
      { cause },
    )
  }
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}

function reasonOfTls(socket: TLSSocket): string {
  // A code, whatever the types say.
  const code = String(socket.authorizationError)
  const text = code.toLowerCase().replaceAll('_', ' ')
  const fault = strangerFault(code)
  return fault === null ? text : `${text}: ${fault}`
}

/** `as`: what it came as, for people. */
export function refusalOf(
  peer: Exclude<Peer, { kind: 'known' }>,
  as: string,
): Pick<Refusal, 'who' | 'reason' | 'vouched'> {
  if (peer.kind === 'unknown') return { who: '', reason: `${as}: it shows no certificate` }
  const { who, reason, vouched } = peer
  return { who, reason: `${as}: ${reason}`, ...(vouched && { vouched }) }
}
