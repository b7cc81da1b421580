/** The object graph of `fairlead up`: the only place here that constructs anything. */
import { join } from 'node:path'
import type { Logger } from 'pino'
import { systemClock } from '../adapters/clock/system-clock.ts'
import { appliedDocumentFile, type AppliedDocumentFile } from '../adapters/data-dir/applied-document.ts'
import { loadVault } from '../adapters/dnssec/load-vault.ts'
import { openDataDir } from '../adapters/data-dir/data-dir.ts'
import { DatabaseError, type DatabaseErrorCode } from '../adapters/sql/database-error.ts'
import { serviceManager, type ServiceManager } from '../adapters/systemd/notify.ts'
import { VerdictFile } from '../adapters/verdict-file/verdict-file.ts'
import { LocalFrames } from '../adapters/transport/local-frames.ts'
import { createChecker } from '../checker/context.ts'
import { createControl, type Control } from '../control/context.ts'
import { CommandError, EXIT } from '../core/exit-code.ts'
import { createNameserver, type Nameserver } from '../nameserver/context.ts'
import type { UpOptions } from './up-options.ts'

export interface UpParts {
  readonly dataDir: string
  readonly control: Control
  readonly nameserver: Nameserver
  readonly checker: { start(): Promise<void>; stop(): Promise<void> }
  readonly appliedDocument: AppliedDocumentFile
  readonly service: ServiceManager
}

/** Of the codes of a DatabaseError, those that are the operator's to mend. */
const FILE_FAULTS: readonly DatabaseErrorCode[] = ['access', 'corrupt', 'too-new', 'disk-full', 'io', 'busy']
/** Of the file system's codes, those that are. */
const SYSTEM_FAULTS =
  /^E(?:ACCES|PERM|ROFS|ISDIR|NOTDIR|NOENT|EXIST|NOTEMPTY|LOOP|NAMETOOLONG|NOSPC|DQUOT|IO|MFILE|NFILE)$/

/** A fault of files that nobody below has put in words for the operator, as one; all others as they are. */
export function startFault(error: unknown, dataDir: string): unknown {
  if (error instanceof CommandError || !(error instanceof Error)) return error
  if (error instanceof DatabaseError && FILE_FAULTS.includes(error.code))
    return new CommandError(EXIT.fileAccess, error.message, { cause: error })
  const code = 'code' in error && 'syscall' in error ? String(error.code) : ''
  if (!SYSTEM_FAULTS.test(code)) return error
  return new CommandError(
    EXIT.fileAccess,
    `cannot use a file of the data directory ${dataDir}: ${error.message}`,
    {
      cause: error,
    },
  )
}

/** Adds to `stops` what must be released even when a later step fails. */
export async function buildUp(options: UpOptions, stops: (() => void)[]): Promise<UpParts> {
  const { name, site, version, geoipDatabases } = options
  const dataDir = openDataDir(options.dataDir)
  stops.push(() => {
    dataDir.release()
  })
  const frames = new LocalFrames((error) => {
    options.logger.error({ err: error }, 'a reader of frames failed')
  })
  const common = (part: string): { dataDir: string; clock: typeof systemClock; logger: Logger } => ({
    dataDir: dataDir.path,
    clock: systemClock,
    logger: options.logger.child({ part }),
  })
  // Control shows from its first moment what the nameserver decides on: the verdicts of the last run.
  const damaged: string[] = []
  const verdictFile = new VerdictFile({
    path: join(dataDir.path, 'verdicts.json'),
    clock: systemClock,
    logger: options.logger,
    onDamaged: (message) => damaged.push(message),
  })
  const saved = await verdictFile.load()
  const vault = loadVault({
    file: options.dnssecKeyFile ?? join(dataDir.path, 'dnssec.key'),
    text: options.dnssecKey,
    make: options.dnssecKeyFile === undefined,
  })
  const control = await createControl({
    ...common('control'),
    vault,
    listen: options.api,
    frames,
    version,
    saved,
    geoipDatabases,
  })
  for (const message of damaged)
    control.reporter.event({
      kind: 'alarm',
      atMs: systemClock.wallMs(),
      source: `nameserver ${name}`,
      message,
    })
  const nameserver = createNameserver({
    ...common('nameserver'),
    name,
    site,
    feed: control.feed,
    frames,
    reporter: control.reporter,
    dns: options.dns,
    powerdns: options.powerdns,
    geoipDatabases,
    vault,
    transfers: options.transfers,
    front: options.front,
    updates: options.updates,
  })
  const checker = createChecker({ ...common('checker'), name, site, feed: control.feed, sink: frames })
  const service = serviceManager(options.notifySocket, options.logger)
  return {
    dataDir: dataDir.path,
    control,
    nameserver,
    checker,
    appliedDocument: appliedDocumentFile(dataDir.path),
    service,
  }
}
