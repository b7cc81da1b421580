/** What a database fails with, as the command line says it: of its codes those that are the operator's to mend have an exit code. */
import { DatabaseError, type DatabaseErrorCode } from './database-error.ts'
import { CommandError, EXIT, type ExitCode } from '../../core/exit-code.ts'

const DATABASE_FAULTS: Partial<Record<DatabaseErrorCode, ExitCode>> = {
  ...{ access: EXIT.fileAccess, corrupt: EXIT.fileAccess, 'disk-full': EXIT.fileAccess, io: EXIT.fileAccess },
  ...{ 'too-new': EXIT.fileAccess, 'too-old': EXIT.fileAccess },
  ...{ busy: EXIT.fileAccess, lost: EXIT.unreachable },
}

/** All others as they are. */
export function databaseFault(error: unknown): unknown {
  const code = error instanceof DatabaseError ? DATABASE_FAULTS[error.code] : undefined
  return code === undefined ? error : new CommandError(code, (error as Error).message, { cause: error })
}
