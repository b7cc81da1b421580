/**
 * The first steps of a cluster, before any control runs: its authority, and the certificate of a control.
 * What must stay true: the store comes first and the files last, so that whatever was cut off is made by the next run; an authority
 * that is there is never replaced, and a run that is refused leaves nothing that a control would take for its own.
 */
import { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { join } from 'node:path'
import { acceptAuthorities } from '../../adapters/authority/accept-authorities.ts'
import { AUTHORITY_FILE } from '../../adapters/authority/authority-file.ts'
import { authorities } from '../../adapters/authority/authorities.ts'
import { fingerprintOf } from '../../adapters/authority/fingerprint.ts'
import {
  hasIdentity,
  identityFilesIn,
  newNodeKey,
  writeIdentity,
} from '../../adapters/authority/identity-files.ts'
import { openDataDir } from '../../adapters/data-dir/data-dir.ts'
import { openStore } from '../../adapters/sql/open-store.ts'
import type { StoreAddress } from '../../adapters/sql/store-address.ts'
import { TlsIdentity } from '../../adapters/transport/tls-identity.ts'
import { CommandError, EXIT } from '../../core/exit-code.ts'
import { formatPeerIdentity, parsePeerIdentity } from '../../core/model/peer-identity.ts'
import { servedName } from '../../core/model/served-name.ts'
import { AuthorityError, type Authority, type AuthorityMaterial } from '../../ports/authority.ts'
import { VaultError, type KeyVault } from '../../ports/key-vault.ts'
import type { Store } from '../../ports/store.ts'
import type { TrustStore } from '../../ports/trust-store.ts'
import { databaseFault } from '../../adapters/sql/database-fault.ts'
import { AUTHORITY_PURPOSE, offerOf } from './authority-service.ts'
import { withLoopback } from './trust-service.ts'

export interface InitOptions {
  readonly dataDir: string
  /** null: a file in the data directory. */
  readonly store: StoreAddress | null
  readonly name: string
  /** DNS names and addresses of its API. */
  readonly names: readonly string[]
  /** An authority that is there already; null: make one. */
  readonly own: AuthorityMaterial | null
  /** Of the authority's key; asked for once the data directory is there. `make`: its file, where there is none. */
  readonly vault: (how: { readonly make: boolean }) => KeyVault
  readonly nowMs: number
}

export interface InitResult {
  readonly fingerprint: string
  readonly madeAuthority: boolean
  readonly identity: string
  readonly madeIdentity: boolean
  /** ISO 8601. */
  readonly until: string
}

const LIFE_MS = 30 * 86_400_000

/** Throws CommandError. */
export async function initCluster(options: InitOptions): Promise<InitResult> {
  const { names } = options
  const identity = formatPeerIdentity({ role: 'control', name: options.name })
  if (parsePeerIdentity({ subjectAltName: `URI:${identity}`, commonName: undefined }) === null)
    throw new CommandError(
      EXIT.badInput,
      `--name: '${options.name}' is no name: a-z, 0-9, dot, dash, underscore`,
    )
  for (const name of names)
    if (!servedName.safeParse(name).success)
      throw new CommandError(
        EXIT.badInput,
        `--address: '${name}' is neither a DNS name in small letters nor an address`,
      )
  if (options.own !== null) checked(options.own)
  const dataDir = openDataDir(options.dataDir)
  try {
    if (hasIdentity(dataDir.path)) expectSame(dataDir.path, identity, names)
    const place = options.store ?? ({ kind: 'sqlite', path: join(dataDir.path, 'control.sqlite') } as const)
    const store = await openStore(place)
    try {
      const { authority, made } = await authorityOf(store.trust, options)
      const madeIdentity = !hasIdentity(dataDir.path)
      if (madeIdentity) await makeIdentity(store, authority, { ...options, dataDir: dataDir.path, identity })
      const { certificate } = new TlsIdentity(identityFilesIn(dataDir.path))
      const until = certificate.validToDate.toISOString()
      return { fingerprint: authority.fingerprint, madeAuthority: made, identity, madeIdentity, until }
    } finally {
      await store.close()
    }
  } catch (error) {
    if (error instanceof AuthorityError || error instanceof VaultError)
      throw new CommandError(EXIT.badInput, error.message, { cause: error })
    throw databaseFault(error)
  } finally {
    dataDir.release()
  }
}

/** Whoever may write into the store and the data directory, on that machine. */
const INIT = { name: 'fairlead init', from: 'local' }

async function authorityOf(
  store: TrustStore,
  options: InitOptions,
): Promise<{ readonly authority: Authority; readonly made: boolean }> {
  const { own, nowMs } = options
  let stored = await store.authority()
  if (stored === null) {
    const material = own ?? authorities.create(nowMs)
    const authority = authorities.open(material)
    const sealedKey = options.vault({ make: true }).seal(material.key, AUTHORITY_PURPOSE)
    if (await store.addAuthority({ certificate: material.certificate, sealedKey, createdAtMs: nowMs }, INIT))
      return { authority, made: true }
    stored = await store.authority()
  }
  if (stored === null) throw new CommandError(EXIT.failure, 'the authority that was there is gone')
  const vault = options.vault({ make: false })
  if (!vault.hasKey)
    throw new CommandError(
      EXIT.badInput,
      'the cluster has an authority already: give the key that seals its key, authority.key of another control, by --authority-key-file',
    )
  const authority = authorities.open({
    certificate: stored.certificate,
    key: vault.open(stored.sealedKey, AUTHORITY_PURPOSE),
  })
  if (own !== null && authority.fingerprint !== checked(own).fingerprint)
    throw new CommandError(
      EXIT.badInput,
      `the cluster has an authority already, with the fingerprint ${authority.fingerprint}: it is not replaced`,
    )
  return { authority, made: false }
}

/** Throws CommandError where it is none that can be used. */
function checked(own: AuthorityMaterial): Authority {
  try {
    return authorities.open(own)
  } catch (error) {
    if (error instanceof AuthorityError)
      throw new CommandError(EXIT.badInput, error.message, { cause: error })
    throw error
  }
}

/** A certificate that is there stays: it must be the one that was asked for. */
function expectSame(dataDir: string, wanted: string, names: readonly string[]): void {
  const { certificateFile, ...files } = identityFilesIn(dataDir)
  const tls = new TlsIdentity({ certificateFile, ...files })
  const identity = formatPeerIdentity(tls.identity)
  if (identity !== wanted)
    throw new CommandError(
      EXIT.badInput,
      `${certificateFile} is that of ${identity}: give another --data-dir for ${wanted}`,
    )
  const { certificate } = tls
  const missing = names.filter(
    (name) => (isIP(name) === 0 ? certificate.checkHost(name) : certificate.checkIP(name)) === undefined,
  )
  if (missing.length > 0)
    throw new CommandError(
      EXIT.badInput,
      `${certificateFile} is not for ${missing.join(', ')}, and a certificate that is there stays: move it away and run this again for one with all of --address`,
    )
}

async function makeIdentity(
  store: Pick<Store, 'trust' | 'authorities'>,
  authority: Authority,
  about: Pick<InitOptions, 'dataDir' | 'names' | 'nowMs'> & { readonly identity: string },
): Promise<void> {
  const { identity, names, nowMs, dataDir } = about
  const { key, publicKey } = newNodeKey()
  const order = { publicKey, identity, names: withLoopback(names), nowMs, lifeMs: LIFE_MS }
  const { chain, serial, notAfterMs } = authority.issue(order)
  const offer = offerOf(await store.authorities.book(), authorities)
  const believed = acceptAuthorities(offer.authorities, [
    new X509Certificate(authority.certificate),
  ]).authorities
  const terms = { authority: authority.fingerprint, believes: believed.map(fingerprintOf) }
  await store.trust.record(
    { serial, identity, issuedAtMs: nowMs, notAfterMs, revokedAtMs: null },
    { instead: null, by: INIT, terms },
  )
  await writeIdentity(dataDir, { key, chain, authority: AUTHORITY_FILE.format(believed, offer.version) })
}
