/**
 * Verdicts on disk: one small JSON file with a digest over its content.
 * What must stay true: after a crash the old file or the new one is there, never a part (written beside, synced, renamed);
 * a file that does not verify is set aside and counts as none, because a guess about health is worse than none.
 */
import { createHash } from 'node:crypto'
import { readFile, rename } from 'node:fs/promises'
import type { Logger } from 'pino'
import { z } from 'zod'
import type { SavedVerdict } from '../../core/health/verdict-book.ts'
import type { Clock } from '../../ports/clock.ts'
import type { VerdictStorage } from '../../ports/verdict-storage.ts'
import { replaceFile } from '../durable-file/replace-file.ts'

const fileSchema = z.strictObject({
  version: z.literal(1),
  sha256: z.string(),
  verdicts: z.array(
    z.strictObject({
      endpoint: z.string(),
      state: z.enum(['up', 'down']),
      degraded: z.boolean(),
      lastUp: z.int().min(0),
      target: z.string().optional(),
      checks: z.string().optional(),
    }),
  ),
})

export interface VerdictFileOptions {
  readonly path: string
  readonly clock: Clock
  readonly logger: Logger
  /** Told when a file did not verify. */
  readonly onDamaged: (message: string) => void
}

export class VerdictFile implements VerdictStorage {
  readonly #options: VerdictFileOptions

  constructor(options: VerdictFileOptions) {
    this.#options = options
  }

  async load(): Promise<readonly SavedVerdict[]> {
    const { path, clock, logger, onDamaged } = this.#options
    let text: string
    try {
      text = await readFile(path, 'utf8')
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
      throw error
    }
    const verdicts = parseVerdicts(text)
    if (verdicts !== null) return verdicts
    const aside = `${path}.damaged-${clock.wallMs()}`
    await rename(path, aside)
    const message = `the saved verdicts in ${path} do not verify; the file is kept as ${aside} and not used`
    logger.error(message)
    onDamaged(message)
    return []
  }

  async save(verdicts: readonly SavedVerdict[]): Promise<void> {
    const { path } = this.#options
    await replaceFile(path, `${JSON.stringify({ version: 1, sha256: digestOf(verdicts), verdicts })}\n`)
  }
}

function parseVerdicts(text: string): readonly SavedVerdict[] | null {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return null
  }
  const parsed = fileSchema.safeParse(value)
  if (!parsed.success || digestOf(parsed.data.verdicts) !== parsed.data.sha256) return null
  return parsed.data.verdicts
}

function digestOf(verdicts: readonly SavedVerdict[]): string {
  const fields = verdicts.map(({ endpoint, state, degraded, lastUp, target, checks }) => [
    ...[endpoint, state, degraded, lastUp],
    ...[target, checks].filter((part) => part !== undefined),
  ])
  return createHash('sha256').update(JSON.stringify(fields)).digest('hex')
}
