/**
 * Verdicts on disk: lines of JSON, each with a digest before it. First those that were saved as a whole, up to a line that says
 * how many they are; after it the ones that changed since, a line for each time, so that one change does not cost a file of
 * 100,000.
 * What must stay true: after a crash the old whole or the new one is there, never a part; a last change that was cut off counts
 * as not written; a file with anything else that does not verify is set aside and counts as none, because a guess about
 * health is worse than none.
 */
import { createHash } from 'node:crypto'
import type { Logger } from 'pino'
import { z } from 'zod'
import type { SavedVerdict } from '../../core/health/verdict-book.ts'
import type { Clock } from '../../ports/clock.ts'
import type { VerdictStorage } from '../../ports/verdict-storage.ts'
import { appendToFile } from '../durable-file/append-to-file.ts'
import { readIfThere } from '../durable-file/read-if-there.ts'
import { replaceFile } from '../durable-file/replace-file.ts'
import { setAside } from '../durable-file/set-aside.ts'

const endSchema = z.strictObject({ version: z.literal(2), verdicts: z.int().min(0) })

const lineSchema = z.array(
  z.strictObject({
    endpoint: z.string(),
    state: z.enum(['up', 'down']),
    degraded: z.boolean(),
    lastUp: z.int().min(0),
    target: z.string().optional(),
    checks: z.string().optional(),
  }),
)

/** The loop turns between two lines: 100,000 verdicts in one go would hold up answers for 0.1 s. */
const VERDICTS_PER_LINE = 500
const DIGEST_LENGTH = 32

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
    const text = await readIfThere(path, 'the saved verdicts')
    if (text === null) return []
    const verdicts = parseVerdicts(text)
    if (verdicts !== null) return verdicts
    const aside = await setAside(path, clock.wallMs())
    const message = `the saved verdicts in ${path} do not verify; the file is kept as ${aside} and not used`
    logger.error(message)
    onDamaged(message)
    return []
  }

  async save(verdicts: Iterable<SavedVerdict>): Promise<void> {
    await replaceFile(this.#options.path, linesOf(verdicts))
  }

  async append(verdicts: readonly SavedVerdict[]): Promise<void> {
    if (verdicts.length > 0) await appendToFile(this.#options.path, lineOf(verdicts))
  }
}

/** One line's verdicts are held at a time, and what changes meanwhile is as it is then: its change is added afterwards. */
function* linesOf(verdicts: Iterable<SavedVerdict>): Generator<string> {
  let count = 0
  let line: SavedVerdict[] = []
  for (const verdict of verdicts) {
    count += 1
    line.push(verdict)
    if (line.length < VERDICTS_PER_LINE) continue
    yield lineOf(line)
    line = []
  }
  yield lineOf(line)
  yield lineOf({ version: 2, verdicts: count } satisfies z.output<typeof endSchema>)
}

function lineOf(value: unknown): string {
  const text = JSON.stringify(value)
  return `${digestOf(text)} ${text}\n`
}

/** null: they do not verify. */
function parseVerdicts(text: string): readonly SavedVerdict[] | null {
  const lines = text.split('\n')
  // What stands after the last line feed was cut off.
  lines.pop()
  const verdicts = new Map<string, SavedVerdict>()
  let count = 0
  let isWhole = false
  for (const [index, line] of lines.entries()) {
    const value = parseLine(line)
    const end = endSchema.safeParse(value)
    const parsed = lineSchema.safeParse(value)
    if (end.success && !isWhole && end.data.verdicts === count) isWhole = true
    else if (!parsed.success) return isWhole && index === lines.length - 1 ? [...verdicts.values()] : null
    else for (const verdict of parsed.data) verdicts.set(verdict.endpoint, verdict)
    count += parsed.data?.length ?? 0
  }
  return isWhole ? [...verdicts.values()] : null
}

/** undefined: it does not verify. */
function parseLine(line: string): unknown {
  const text = line.slice(DIGEST_LENGTH + 1)
  if (line[DIGEST_LENGTH] !== ' ' || digestOf(text) !== line.slice(0, DIGEST_LENGTH)) return undefined
  return JSON.parse(text)
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, DIGEST_LENGTH)
}
