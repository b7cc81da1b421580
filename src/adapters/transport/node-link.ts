/**
 * What joins a checker or a nameserver to the rest: the feed from control (or from its own disk), the frames of the checkers
 * that the feed names, its reports, and what it has to know of trust.
 * What must stay true: none of the four is needed for the others to go on.
 */
import { join } from 'node:path'
import type { Logger } from 'pino'
import type { Clock } from '../../ports/clock.ts'
import type { OnRefused } from '../../ports/refusals.ts'
import { BelievedAuthorities } from '../authority/believed-authorities.ts'
import { CertificateRenewal } from '../authority/certificate-renewal.ts'
import { identityFilesIn } from '../authority/identity-files.ts'
import type { ControlAddress } from './feed-connection.ts'
import { FeedClient } from './feed-client.ts'
import { FeedFile } from './feed-file.ts'
import { FrameClient } from './frame-client.ts'
import { RefusalLimit } from './refusal-limit.ts'
import { RemoteReporter } from './remote-reporter.ts'
import type { TlsIdentity } from './tls-identity.ts'
import { TrustLink } from './trust-link.ts'

export interface NodeLinkOptions {
  readonly dataDir: string
  readonly controls: readonly ControlAddress[]
  readonly tls: TlsIdentity
  /** The certificate is that of the data directory: it is renewed there. */
  readonly renews: boolean
  readonly version: string
  readonly clock: Clock
  readonly logger: Logger
}

/** Of a thousand nodes about thirty a second then. */
const SPREAD_MS = 30_000

export class NodeLink {
  readonly feed: FeedClient
  readonly frames: FrameClient
  readonly reporter: RemoteReporter
  readonly trust: TrustLink
  readonly onRefused: OnRefused
  readonly #limit: RefusalLimit
  readonly #renewal: CertificateRenewal | null

  constructor(options: NodeLinkOptions) {
    const { dataDir, tls, clock, logger } = options
    const caFile = options.renews ? identityFilesIn(dataDir).caFile : null
    const believed = new BelievedAuthorities({ tls, caFile, clock, logger })
    this.trust = new TrustLink({ ...options, believed, path: join(dataDir, 'revoked.json') })
    this.reporter = new RemoteReporter({
      ...options,
      onTrust: (hint) => {
        this.trust.hear(hint)
      },
    })
    this.#limit = new RefusalLimit((what) => {
      logger.warn({ who: what.who, from: what.from }, `refused: ${what.reason}`)
      this.reporter.refused(what)
    }, clock)
    this.onRefused = (what) => {
      this.#limit.tell(what)
    }
    this.#renewal = options.renews
      ? new CertificateRenewal({
          ...options,
          believed,
          spreadMs: SPREAD_MS,
          renew: (publicKey) => this.trust.renew(publicKey),
        })
      : null
    const onAlarm = (message: string) => {
      logger.warn(message)
      this.reporter.event({ kind: 'alarm', atMs: clock.wallMs(), source: '', message })
    }
    const file = new FeedFile({ path: join(dataDir, 'feed.json'), clock, onDamaged: onAlarm })
    this.feed = new FeedClient({ ...options, file, onAlarm })
    this.frames = new FrameClient({
      feed: this.feed,
      tls,
      outputs: false,
      clock,
      logger,
      onRefused: this.onRefused,
    })
  }

  /** Resolves when what is on disk was read; the first configuration may come later. */
  async start(): Promise<void> {
    this.#renewal?.start()
    this.frames.start()
    await this.feed.start()
  }

  async stop(): Promise<void> {
    this.frames.stop()
    this.reporter.stop()
    await this.#renewal?.stop()
    await this.trust.stop()
    this.#limit.stop()
    await this.feed.stop()
  }

  /** Other controls from now on. */
  setControls(controls: readonly ControlAddress[]): void {
    this.feed.setControls(controls)
    this.reporter.setControls(controls)
    this.trust.setControls(controls)
  }
}
