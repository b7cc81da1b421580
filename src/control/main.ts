/**
 * `fairlead control`: the API and the store, the feed for checkers and nameservers, and what they report.
 * What must stay true: nodes come in by mutual TLS only; the death of this process changes no answer.
 */
import { randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { systemClock } from '../adapters/clock/system-clock.ts'
import { openDataDir } from '../adapters/data-dir/data-dir.ts'
import type { StoreAddress } from '../adapters/sql/store-address.ts'
import { StopList } from '../adapters/service/stop-list.ts'
import { serviceManager } from '../adapters/systemd/notify.ts'
import { FrameClient } from '../adapters/transport/frame-client.ts'
import { LocalFeed } from '../adapters/transport/local-feed.ts'
import { NodeServer } from '../adapters/transport/node-server.ts'
import { TlsIdentity, type TlsFiles } from '../adapters/transport/tls-identity.ts'
import { DatabaseError, type DatabaseErrorCode } from '../adapters/sql/database-error.ts'
import { CommandError, EXIT, type ExitCode } from '../core/exit-code.ts'
import type { Feed } from '../ports/feed.ts'
import type { FrameSource } from '../ports/frames.ts'
import type { KeyVault } from '../ports/key-vault.ts'
import type { Reporter } from '../ports/report.ts'
import { createControl } from './context.ts'
import { deliverReport } from './deliver-report.ts'

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
  readonly tls: TlsFiles
  readonly version: string
  readonly logger: Logger
  readonly notifySocket?: string | undefined
}

/** Of the codes of a DatabaseError, those that are the operator's to mend, and with which exit code. */
const DATABASE_FAULTS: Partial<Record<DatabaseErrorCode, ExitCode>> = {
  ...{ access: EXIT.fileAccess, corrupt: EXIT.fileAccess, 'disk-full': EXIT.fileAccess, io: EXIT.fileAccess },
  ...{
    'too-new': EXIT.fileAccess,
    'too-old': EXIT.fileAccess,
    busy: EXIT.fileAccess,
    lost: EXIT.unreachable,
  },
}

function databaseFault(error: unknown): unknown {
  const code = error instanceof DatabaseError ? DATABASE_FAULTS[error.code] : undefined
  return code === undefined ? error : new CommandError(code, (error as Error).message, { cause: error })
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

export async function startControl(options: ControlProcessOptions): Promise<ControlProcess> {
  const { version, logger } = options
  const clock = systemClock
  const stops = new StopList(logger)
  try {
    const { tls, identity } = TlsIdentity.of(options.tls, 'control')
    const dataDir = openDataDir(options.dataDir)
    stops.add(() => {
      dataDir.release()
    })
    const feed = new LocalFeed()
    const frames = new FrameClient({ feed, tls, outputs: true, clock, logger })
    const store = options.store ?? ({ kind: 'sqlite', path: join(dataDir.path, 'control.sqlite') } as const)
    const control = await createControl({
      ...{ dataDir: dataDir.path, shared: { store, name: identity.name }, listen: options.api },
      ...{ feed, frames, clock, logger, version, geoipDatabases: options.geoipDatabases },
      vault: options.vault,
      historyDays: options.historyDays,
    })
    stops.add(() => control.stop())
    const nodes = new NodeServer({
      ...{ listen: options.nodes, tls, feed, store: control.history, clock, logger },
      refresh: () => control.refresh(),
      onReport: (report) => {
        deliverReport(report, control.reporter)
      },
      instance: randomUUID(),
    })
    frames.start()
    stops.add(() => {
      frames.stop()
    })
    await control.start()
    await nodes.listen()
    stops.add(() => nodes.close())
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
