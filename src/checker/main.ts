/**
 * `fairlead checker`: probes the endpoints from one site and serves its frames.
 * What must stay true: it needs no control to go on, nor to start once it has been told what to probe.
 */
import type { Logger } from 'pino'
import { identityFilesOf } from '../adapters/authority/identity-files.ts'
import { systemClock } from '../adapters/clock/system-clock.ts'
import { openDataDir } from '../adapters/data-dir/data-dir.ts'
import { StopList } from '../adapters/service/stop-list.ts'
import { serviceManager } from '../adapters/systemd/notify.ts'
import type { ControlAddress } from '../adapters/transport/feed-connection.ts'
import { FrameServer } from '../adapters/transport/frame-server.ts'
import { NodeLink } from '../adapters/transport/node-link.ts'
import { TlsIdentity, type TlsFiles } from '../adapters/transport/tls-identity.ts'
import { createChecker } from './context.ts'

export interface CheckerProcessOptions {
  readonly dataDir: string
  readonly controls: readonly ControlAddress[]
  /** Where frames are served. */
  readonly frames: { readonly host: string; readonly port: number }
  /** null: in the data directory, as join wrote them; those are renewed. */
  readonly tls: TlsFiles | null
  readonly version: string
  readonly logger: Logger
  readonly notifySocket?: string | undefined
}

export interface CheckerProcess {
  readonly name: string
  readonly site: string
  readonly framesPort: number
  /** Reads the certificates again, and asks other controls from now on. Throws CommandError, and goes on as before. */
  reload(controls: readonly ControlAddress[]): void
  /** Safe to call twice. */
  stop(): Promise<void>
}

const REPORT_MS = 1_000

export async function startChecker(options: CheckerProcessOptions): Promise<CheckerProcess> {
  const { version, logger, controls } = options
  const clock = systemClock
  const stops = new StopList(logger)
  try {
    const { tls, identity } = TlsIdentity.of(options.tls ?? identityFilesOf(options.dataDir), 'checker')
    const { name, site } = identity
    const dataDir = openDataDir(options.dataDir)
    stops.add(() => {
      dataDir.release()
    })
    const renews = options.tls === null
    const link = new NodeLink({ dataDir: dataDir.path, controls, tls, renews, version, clock, logger })
    stops.add(() => link.stop())
    // Before anybody comes: who is revoked.
    await link.trust.start()
    const { onRefused } = link
    const sink = new FrameServer({ listen: options.frames, tls, clock, logger, onRefused })
    await sink.listen()
    stops.add(() => sink.close())
    const checker = createChecker({
      ...{ name, site, dataDir: dataDir.path, feed: link.feed, peers: link.frames, sink, clock, logger },
    })
    stops.add(() => checker.stop())
    await link.start()
    await checker.start()
    const report = () => {
      const { endpoints, probesRunning, probesWaiting, probes } = checker.stats()
      link.reporter.checker({
        ...{ name, site, version, endpoints, probesRunning, probesWaiting },
        revision: link.feed.current()?.revision ?? 0,
        feed: link.feed.source,
        readers: sink.stats().readers,
        localErrors: probes['local-error'],
      })
      cancelReport = clock.after(REPORT_MS, report)
    }
    let cancelReport: () => void = () => undefined
    report()
    stops.add(() => {
      cancelReport()
    })
    stops.add(serviceManager(options.notifySocket, logger).ready())
    return {
      name,
      site,
      framesPort: sink.port,
      reload: (next) => {
        tls.reload()
        link.setControls(next)
      },
      stop: () => stops.run(),
    }
  } catch (error) {
    await stops.run()
    throw error
  }
}
