/**
 * What joins a checker or a nameserver to the rest: the feed from control (or from its own disk), the frames of the checkers
 * that the feed names, and its reports.
 * What must stay true: none of the three is needed for the others to go on.
 */
import { join } from 'node:path'
import type { Logger } from 'pino'
import type { Clock } from '../../ports/clock.ts'
import type { ControlAddress } from './feed-connection.ts'
import { FeedClient } from './feed-client.ts'
import { FeedFile } from './feed-file.ts'
import { FrameClient } from './frame-client.ts'
import { RemoteReporter } from './remote-reporter.ts'
import type { TlsIdentity } from './tls-identity.ts'

export interface NodeLinkOptions {
  readonly dataDir: string
  readonly controls: readonly ControlAddress[]
  readonly tls: TlsIdentity
  readonly version: string
  readonly clock: Clock
  readonly logger: Logger
}

export class NodeLink {
  readonly feed: FeedClient
  readonly frames: FrameClient
  readonly reporter: RemoteReporter

  constructor(options: NodeLinkOptions) {
    const { dataDir, tls, clock, logger } = options
    this.reporter = new RemoteReporter(options)
    const onAlarm = (message: string) => {
      logger.warn(message)
      this.reporter.event({ kind: 'alarm', atMs: clock.wallMs(), source: '', message })
    }
    const file = new FeedFile({ path: join(dataDir, 'feed.json'), clock, onDamaged: onAlarm })
    this.feed = new FeedClient({ ...options, file, onAlarm })
    this.frames = new FrameClient({ feed: this.feed, tls, outputs: false, clock, logger })
  }

  /** Resolves when what is on disk was read; the first configuration may come later. */
  async start(): Promise<void> {
    this.frames.start()
    await this.feed.start()
  }

  async stop(): Promise<void> {
    this.frames.stop()
    this.reporter.stop()
    await this.feed.stop()
  }

  /** Other controls from now on. */
  setControls(controls: readonly ControlAddress[]): void {
    this.feed.setControls(controls)
    this.reporter.setControls(controls)
  }
}
