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
  const { attachDatabase, attachSocket, powerdns, leavePowerdns } = flags
  if (attachDatabase === undefined && attachSocket === undefined)
    return {
      kind: 'supervise',
      ...(powerdns === undefined ? {} : { binary: powerdns }),
      leaveRunning: leavePowerdns === true,
    }
  if (attachDatabase === undefined || attachSocket === undefined)
    throw new CommandError(EXIT.badInput, '--attach-database and --attach-socket belong together: give both')
  if (powerdns !== undefined || leavePowerdns)
    throw new CommandError(
      EXIT.badInput,
      '--powerdns and --leave-powerdns are for a PowerDNS that Fairlead starts, not for one it attaches to',
    )
  return {
    kind: 'attach',
    databasePath: resolve(io.workingDirectory, attachDatabase),
    controlSocketPath: resolve(io.workingDirectory, attachSocket),
  }
}
