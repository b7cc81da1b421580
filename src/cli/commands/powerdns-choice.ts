/** Which PowerDNS a nameserver works with: one that it starts, or one that the operator runs. */
import { resolve } from 'node:path'
import { CommandError, EXIT } from '../../core/exit-code.ts'
import type { UpOptions } from '../../up/up-options.ts'
import type { Io } from '../io.ts'

type PowerdnsChoice = UpOptions['powerdns']

export interface PowerdnsFlags {
  readonly powerdns?: string | undefined
  readonly leavePowerdns?: boolean | undefined
  readonly attachDatabase?: string | undefined
  readonly attachSocket?: string | undefined
}

/** Throws CommandError where options do not go together. */
export function parsePowerdns(flags: PowerdnsFlags, io: Io): PowerdnsChoice {
  const faults = powerdnsFaults(flags)
  if (faults.length > 0) throw new CommandError(EXIT.badInput, faults.join('\n'))
  const { attachDatabase, attachSocket, powerdns, leavePowerdns } = flags
  if (attachDatabase === undefined || attachSocket === undefined)
    return {
      kind: 'supervise',
      ...(powerdns === undefined ? {} : { binary: powerdns }),
      leaveRunning: leavePowerdns === true,
    }
  return {
    kind: 'attach',
    databasePath: resolve(io.workingDirectory, attachDatabase),
    controlSocketPath: resolve(io.workingDirectory, attachSocket),
  }
}

/** What does not go together. */
export function powerdnsFaults({
  attachDatabase,
  attachSocket,
  powerdns,
  leavePowerdns,
}: PowerdnsFlags): string[] {
  if (attachDatabase === undefined && attachSocket === undefined) return []
  const faults: string[] = []
  if (attachDatabase === undefined || attachSocket === undefined)
    faults.push('--attach-database and --attach-socket belong together: give both')
  if (powerdns !== undefined || leavePowerdns)
    faults.push(
      '--powerdns and --leave-powerdns are for a PowerDNS that Fairlead starts, not for one it attaches to',
    )
  return faults
}
