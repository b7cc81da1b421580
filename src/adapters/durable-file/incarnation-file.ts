/**
 * The incarnation of a checker: max(saved + 1, wall seconds), durable before the first frame carries it.
 * What must stay true: it grows with every start, also when the wall clock was set back or the machine lost power; a file that
 * does not read is set aside, said aloud, and never stops the checker.
 */
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { z } from 'zod'
import { CommandError, EXIT } from '../../core/exit-code.ts'
import { nextIncarnation } from '../../core/health/incarnation.ts'
import { replaceFile } from './replace-file.ts'
import { setAside } from './set-aside.ts'

const savedSchema = z.strictObject({ incarnation: z.int().min(0) })

/** Reserves the next incarnation in `<dataDir>/checker-incarnation.json`. A CommandError when the folder cannot be written. */
export async function reserveIncarnation(dataDir: string, wallMs: number, logger: Logger): Promise<number> {
  const path = join(dataDir, 'checker-incarnation.json')
  try {
    await mkdir(dataDir, { recursive: true })
    const saved = await readSaved(path, wallMs, logger)
    const incarnation = nextIncarnation(saved, wallMs)
    await replaceFile(path, `${JSON.stringify({ incarnation })}\n`)
    return incarnation
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new CommandError(EXIT.fileAccess, `cannot keep the checker's incarnation in ${path}: ${reason}`, {
      cause: error,
    })
  }
}

/** -1 when there is none. */
async function readSaved(path: string, wallMs: number, logger: Logger): Promise<number> {
  try {
    return savedSchema.parse(JSON.parse(await readFile(path, 'utf8'))).incarnation
  } catch (error) {
    if (isMissing(error)) return -1
    const aside = await setAside(path, wallMs)
    logger.error(
      { path, aside, err: error },
      'the saved incarnation does not read: set aside, the wall clock decides',
    )
    return -1
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
