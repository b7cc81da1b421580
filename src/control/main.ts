/**
 * `fairlead control`: the API and the store, the feed for checkers and nameservers, and what they report.
 * What must stay true: nodes come in by mutual TLS only; the death of this process changes no answer.
 */
import { randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { BelievedAuthorities } from '../adapters/authority/believed-authorities.ts'
import { CertificateRenewal } from '../adapters/authority/certificate-renewal.ts'
import { identityFilesOf } from '../adapters/authority/identity-files.ts'
import { systemClock } from '../adapters/clock/system-clock.ts'
import { openDataDir } from '../adapters/data-dir/data-dir.ts'
import { replaceFile } from '../adapters/durable-file/replace-file.ts'
import type { StoreAddress } from '../adapters/sql/store-address.ts'
import { StopList } from '../adapters/service/stop-list.ts'
import { serviceManager } from '../adapters/systemd/notify.ts'
import { FrameClient } from '../adapters/transport/frame-client.ts'
import { LocalFeed } from '../adapters/transport/local-feed.ts'
import { NodeServer, type NodeServerOptions } from '../adapters/transport/node-server.ts'
import { RefusalLimit } from '../adapters/transport/refusal-limit.ts'
import { TlsIdentity, type TlsFiles } from '../adapters/transport/tls-identity.ts'
import { databaseFault } from '../adapters/sql/database-fault.ts'
import type { LoginRules } from '../core/access/login-rules.ts'
import { formatPeerIdentity, type PeerIdentity } from '../core/model/peer-identity.ts'
import type { Feed } from '../ports/feed.ts'
import type { FrameSource } from '../ports/frames.ts'
import type { KeyVault } from '../ports/key-vault.ts'
import type { OnRefused, Refusal } from '../ports/refusals.ts'
import type { Reporter } from '../ports/report.ts'
import type { ShownCertificate } from '../ports/trust.ts'
import { createControl, type Control } from './context.ts'
import { AttemptLimiter } from './people/attempt-limiter.ts'
import { deliverReport } from './deliver-report.ts'
import type { TrustChoice } from './trust/context.ts'
import { renewOwnCertificate } from './trust/own-certificate.ts'
import type { TrustService } from './trust/trust-service.ts'

export interface ControlProcessOptions {
  readonly dataDir: string
  /** null: a file in the data directory. Several controls may share one. */
  readonly store: StoreAddress | null
  readonly api: { readonly host: string; readonly port: number }
  /** Where nodes get the feed and bring their reports. */
  readonly nodes: { readonly host: string; readonly port: number }
  readonly geoipDatabases: readonly string[]
  /** Transitions are kept so long. */
  readonly historyDays: number
  /** Of the keys of signed zones. */
  readonly vault: KeyVault
  /** Of the key of the cluster's authority. */
  readonly authorityVault: KeyVault
  /** Of the certificates that it gives. */
  readonly certificateLifeMs: number
  /** null: nobody logs in by an identity provider. */
  readonly loginRules: LoginRules | null
  /** null: in the data directory, as init or join wrote them; those are renewed. */
  readonly tls: TlsFiles | null
  readonly version: string
  readonly logger: Logger
  readonly notifySocket?: string | undefined
}

export interface ControlProcess {
  readonly name: string
  readonly url: string
  readonly tokenFile: string
  readonly nodesPort: number
  /** Of the process, for what is composed with a control. */
  readonly dataDir: string
  readonly feed: Feed
  readonly frames: FrameSource
  readonly reporter: Reporter
  /** Reads the certificates again. Throws CommandError, and goes on with the old ones. */
  reload(): void
  /** Safe to call twice. */
  stop(): Promise<void>
}

/** Of the renewals of controls, of which there are few. */
const SPREAD_MS = 2_000

export async function startControl(options: ControlProcessOptions): Promise<ControlProcess> {
  const { version, logger } = options
  const clock = systemClock
  const stops = new StopList(logger)
  try {
    const files = options.tls ?? identityFilesOf(options.dataDir)
    const { tls, identity } = TlsIdentity.of(files, 'control')
    const dataDir = openDataDir(options.dataDir)
    stops.add(() => {
      dataDir.release()
    })
    const caFile = options.tls === null ? files.caFile : null
    const believed = new BelievedAuthorities({ tls, caFile, clock, logger })
    const feed = new LocalFeed()
    const refusals = refusalsOf(options, stops)
    const { onRefused } = refusals
    const frames = new FrameClient({ feed, tls, outputs: true, clock, logger, onRefused })
    const store = options.store ?? ({ kind: 'sqlite', path: join(dataDir.path, 'control.sqlite') } as const)
    const control = await createControl({
      ...{ dataDir: dataDir.path, shared: { store, name: identity.name }, listen: options.api },
      ...{ feed, frames, clock, logger, version, geoipDatabases: options.geoipDatabases },
      vault: options.vault,
      historyDays: options.historyDays,
      loginRules: options.loginRules ?? undefined,
      ...{ certificate: tls, onRefused },
      trust: trustOf(options, { tls, believed }),
    })
    stops.add(() => control.stop())
    refusals.audit = control.auditRefusal
    const nodes = new NodeServer({
      ...{ listen: options.nodes, tls, feed, store: control.history, clock, logger },
      refresh: () => control.refresh(),
      ...{ trust: control.trust, attempts: new AttemptLimiter(), onRefused },
      onReport: takingReports(control, { tls, onRefused, stops }),
      instance: randomUUID(),
    })
    frames.start()
    stops.add(() => {
      frames.stop()
    })
    await control.start()
    await nodes.listen()
    stops.add(() => nodes.close())
    if (options.tls === null)
      stops.add(renewing(control.trust, { tls, believed, dataDir: dataDir.path, logger }))
    stops.add(await keepCopy(files.caFile, join(dataDir.path, 'api-ca.pem'), { tls, logger }))
    writeFileSync(join(dataDir.path, 'api-url'), `${control.url}\n`, { mode: 0o600 })
    stops.add(serviceManager(options.notifySocket, logger).ready())
    return {
      name: identity.name,
      url: control.url,
      tokenFile: join(dataDir.path, 'token'),
      nodesPort: nodes.port,
      ...{ dataDir: dataDir.path, feed, frames, reporter: control.reporter },
      reload: () => {
        tls.reload()
      },
      stop: () => stops.run(),
    }
  } catch (error) {
    await stops.run()
    throw databaseFault(error)
  }
}

function trustOf(
  { authorityVault: vault, certificateLifeMs: lifeMs, logger }: ControlProcessOptions,
  { tls, believed }: { readonly tls: TlsIdentity; readonly believed: BelievedAuthorities },
): TrustChoice {
  return {
    ...{ vault, lifeMs },
    onRevoked: (serials) => {
      tls.revocations.replace(serials)
    },
    onOffer: async (offer) => {
      await believed.take(offer).catch((error: unknown) => {
        logger.error({ err: error }, 'the authorities of the cluster could not be kept')
      })
      return shownBy(tls)
    },
  }
}

/** With whom the certificates are known of that nodes come with, and that of this control. */
function takingReports(
  { reporter }: Control,
  {
    tls,
    onRefused,
    stops,
  }: { readonly tls: TlsIdentity; readonly onRefused: OnRefused; readonly stops: StopList },
): NodeServerOptions['onReport'] {
  const showOwn = () => {
    const { serialNumber: serial, validFromDate, validToDate } = tls.certificate
    const times = { beginsMs: validFromDate.getTime(), endsMs: validToDate.getTime() }
    reporter.certificateShown({ identity: tls.identity, serial, ...times })
  }
  showOwn()
  stops.add(tls.onReload(showOwn))
  stops.add(
    tls.revocations.onLook(() => {
      reporter.revoked(tls.revocations)
    }),
  )
  return (report, from) => {
    if (report.kind === 'refused') {
      onRefused(refusalAt(from.identity, report))
      return
    }
    reporter.certificateShown(from)
    deliverReport(report, reporter)
  }
}

/** To the log, and to `audit` as soon as there is something that keeps it. */
function refusalsOf({ logger }: ControlProcessOptions, stops: StopList): Refusals {
  const limit = new RefusalLimit((what) => {
    const { who, from, reason } = what
    logger.warn({ who, from }, `refused: ${reason}`)
    refusals.audit(what)
  }, systemClock)
  stops.add(() => {
    limit.stop()
  })
  const refusals: Refusals = {
    audit: () => undefined,
    onRefused: (what) => {
      limit.tell(what)
    },
  }
  return refusals
}

interface Refusals {
  audit: OnRefused
  readonly onRefused: OnRefused
}

/** What a node turned away. */
function refusalAt(node: PeerIdentity, { who, from, reason, vouched }: Refusal): Refusal {
  const via = formatPeerIdentity(node)
  return { who, from, reason: `at ${via}: ${reason}`, via, ...(vouched && { vouched }) }
}

/** Gives back what ends it. */
function renewing(
  trust: TrustService,
  about: {
    readonly tls: TlsIdentity
    readonly believed: BelievedAuthorities
    readonly dataDir: string
    readonly logger: Logger
  },
): () => Promise<void> {
  const { tls } = about
  const identity = formatPeerIdentity(tls.identity)
  const renewal = new CertificateRenewal({
    ...{ ...about, clock: systemClock, spreadMs: SPREAD_MS },
    renew: (publicKey) => {
      const { certificate: current, authorityFingerprints: believes } = tls
      return renewOwnCertificate(trust, { current, identity, publicKey, believes })
    },
  })
  renewal.start()
  return () => renewal.stop()
}

/** For the command line on this machine: whom to believe that is the API. Gives back what ends it. */
async function keepCopy(
  from: string,
  to: string,
  { tls, logger }: { readonly tls: TlsIdentity; readonly logger: Logger },
): Promise<() => Promise<void>> {
  const copy = async () => replaceFile(to, await readFile(from, 'utf8'))
  await copy()
  let copying = Promise.resolve()
  const end = tls.onReload(() => {
    copying = copying.then(copy).catch((error: unknown) => {
      logger.error({ err: error, path: to }, 'the authorities for the command line could not be written')
    })
  })
  return () => {
    end()
    return copying
  }
}

function shownBy({
  identity,
  certificate,
  authority,
  authorityFingerprints: believes,
}: TlsIdentity): ShownCertificate {
  const [beginsMs, endsMs] = [certificate.validFromDate.getTime(), certificate.validToDate.getTime()]
  const serial = certificate.serialNumber
  return { serial, identity: formatPeerIdentity(identity), authority, believes, beginsMs, endsMs }
}
