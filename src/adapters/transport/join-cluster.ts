/**
 * How a node gets its first certificate: a token for it, from a control that is known by the fingerprint in the token.
 * What must stay true: the token is said to nobody but a control of that authority; the key never leaves this machine, and is on its
 * disk before the token is spent, so that who was cut off comes again with the same one.
 */
import { createPrivateKey, createPublicKey, X509Certificate, type KeyObject } from 'node:crypto'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { connect, type DetailedPeerCertificate } from 'node:tls'
import { z } from 'zod'
import { CommandError, EXIT } from '../../core/exit-code.ts'
import { parseJoinToken, type JoinToken } from '../../core/model/join-token.ts'
import { formatPeerIdentity } from '../../core/model/peer-identity.ts'
import { acceptAuthorities } from '../authority/accept-authorities.ts'
import { AUTHORITY_FILE } from '../authority/authority-file.ts'
import { fingerprintOf } from '../authority/fingerprint.ts'
import {
  hasIdentity,
  identityFilesIn,
  newNodeKey,
  nodeKeyOf,
  writeIdentity,
  type NodeKey,
} from '../authority/identity-files.ts'
import { openDataDir } from '../data-dir/data-dir.ts'
import { replaceFile } from '../durable-file/replace-file.ts'
import { authorityOfferSchema } from './authority-offer.ts'
import { askControl, ControlRefusedError } from './ask-control.ts'
import type { ControlAddress } from './feed-connection.ts'
import { TlsIdentity } from './tls-identity.ts'

export interface JoinOptions {
  /** Absolute. */
  readonly dataDir: string
  readonly control: ControlAddress
  readonly token: string
  /** In the place of a certificate that is there. */
  readonly force: boolean
}

export interface Joined {
  readonly identity: string
  /** ISO 8601. */
  readonly until: string
  readonly certificateFile: string
  readonly caFile: string
}

const GREETING_MS = 10_000
/** Older controls offer one authority. */
const issuedSchema = z.object({
  ...{ chain: z.string(), authority: z.string(), authorities: authorityOfferSchema.optional() },
})
type Issued = z.output<typeof issuedSchema>

/** Throws CommandError. */
export async function joinCluster({ dataDir, control, token, force }: JoinOptions): Promise<Joined> {
  const parsed = parseJoinToken(token)
  if (parsed === null)
    throw new CommandError(
      EXIT.badInput,
      "that is no join token: 'fairlead join-token' prints one, which begins with join1.",
    )
  const folder = openDataDir(dataDir)
  try {
    if (hasIdentity(folder.path) && !force)
      throw new CommandError(
        EXIT.badInput,
        `there is a certificate in ${folder.path} already: give another --data-dir, or --force to replace it`,
      )
    const keyFile = join(folder.path, 'joining.key')
    const nodeKey = await keyIn(keyFile)
    const ca = await authorityOf(control, parsed)
    const issued = await redeem({ control, ca, token, nodeKey })
    const { chain } = issued
    const authority = believedBy(issued, parsed)
    const files = identityFilesIn(folder.path)
    // Before anything is replaced: the next try begins with the same key.
    TlsIdentity.identityOf(`${nodeKey.key}${chain}`, { pem: Buffer.from(authority), path: files.caFile })
    await writeIdentity(folder.path, { key: nodeKey.key, chain, authority })
    rmSync(keyFile)
    const tls = new TlsIdentity(files)
    const { identity, certificate } = tls
    const until = certificate.validToDate.toISOString()
    return { identity: formatPeerIdentity(identity), until, ...files }
  } finally {
    folder.release()
  }
}

/** PEM: that of the token, and whom it vouches for. */
function believedBy({ authority, authorities: offer }: Issued, { fingerprint }: JoinToken): string {
  const pinned = readable(() => new X509Certificate(authority))
  if (fingerprintOf(pinned) !== fingerprint)
    throw new CommandError(EXIT.failure, 'the control answered with another authority than that of the token')
  if (offer === undefined || offer.version === 0) return pinned.toString()
  const accepted = readable(() => acceptAuthorities(offer.authorities, [pinned]))
  return AUTHORITY_FILE.format(accepted.authorities, offer.version)
}

function readable<T>(read: () => T): T {
  try {
    return read()
  } catch (cause) {
    throw new CommandError(EXIT.failure, 'the control answered with an authority that is no certificate', {
      cause,
    })
  }
}

/** Of an earlier try, or a new one. */
async function keyIn(path: string): Promise<NodeKey> {
  if (existsSync(path)) {
    const privateKey: KeyObject = createPrivateKey(readFileSync(path))
    return nodeKeyOf(privateKey, createPublicKey(privateKey))
  }
  const made = newNodeKey()
  await replaceFile(path, made.key)
  return made
}

async function redeem(about: {
  readonly control: ControlAddress
  readonly ca: string
  readonly token: string
  readonly nodeKey: NodeKey
}): Promise<Issued> {
  const { control: to, ca, token, nodeKey } = about
  const secure = { ca, minVersion: 'TLSv1.3' } as const
  const body = { token: token.trim(), publicKey: nodeKey.publicKey }
  try {
    return issuedSchema.parse(await askControl({ to, secure, method: 'POST', path: '/v1/join', body }))
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    const exitCode = cause instanceof ControlRefusedError ? EXIT.badInput : EXIT.unreachable
    throw new CommandError(exitCode, `${placeOf(to)} did not let this node join: ${reason}`, { cause })
  }
}

/** The authority that the control shows behind its own certificate: that of the token, or none is believed. Nothing is said. */
function authorityOf(to: ControlAddress, { fingerprint }: JoinToken): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const socket = connect({
    ...{ host: to.host, port: to.port, minVersion: 'TLSv1.3' },
    // Looked at here, by the fingerprint; the next connection is verified by what this one finds.
    rejectUnauthorized: false,
  })
  socket.setTimeout(GREETING_MS, () => socket.destroy(new Error(`no answer within ${GREETING_MS / 1_000} s`)))
  socket.once('secureConnect', () => {
    const found = chainOf(socket.getPeerCertificate(true)).find((one) => fingerprintOf(one) === fingerprint)
    socket.destroy()
    if (found === undefined)
      reject(
        new CommandError(
          EXIT.unreachable,
          `${placeOf(to)} is no control of the cluster that the token is for: it does not show the authority ${fingerprint}. If the authority of the cluster was replaced since the token was made, make another token; a minute after that every control shows the new one`,
        ),
      )
    else resolve(found.toString())
  })
  socket.once('error', (cause: Error) => {
    reject(
      new CommandError(EXIT.unreachable, `${placeOf(to)} does not answer as a control: ${cause.message}`, {
        cause,
      }),
    )
  })
  return promise
}

function chainOf(first: DetailedPeerCertificate): X509Certificate[] {
  const chain: X509Certificate[] = []
  // The last one is its own issuer.
  for (let one = first; chain.length < 10; one = one.issuerCertificate) {
    chain.push(new X509Certificate(one.raw))
    // Absent, whatever the types say, where the chain ends before a root.
    const next = one.issuerCertificate as DetailedPeerCertificate | undefined
    if (next === undefined || next === one) break
  }
  return chain
}

function placeOf({ host, port }: ControlAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}
