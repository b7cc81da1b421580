/**
 * A small JSON file with a digest over its content. What must stay true: after a crash the old content or the new one is there,
 * never a part; a file that does not verify is set aside, said aloud, and counts as none.
 */
import { createHash } from 'node:crypto'
import type { Logger } from 'pino'
import { z } from 'zod'
import type { Clock } from '../../ports/clock.ts'
import { readIfThere } from './read-if-there.ts'
import { replaceFile } from './replace-file.ts'
import { setAside } from './set-aside.ts'

export interface VerifiedFileOptions<T> {
  readonly path: string
  /** In words, such as 'the saved verdicts'. */
  readonly what: string
  readonly schema: z.ZodType<T>
  readonly clock: Clock
  readonly logger: Logger
  /** Told when a file did not verify. */
  readonly onDamaged: (message: string) => void
}

const fileSchema = z.strictObject({ version: z.literal(1), sha256: z.string(), content: z.unknown() })

export class VerifiedFile<T> {
  readonly #options: VerifiedFileOptions<T>

  constructor(options: VerifiedFileOptions<T>) {
    this.#options = options
  }

  /** null when there is none. Throws CommandError when it cannot be read. */
  async load(): Promise<T | null> {
    const { path, what, clock, logger, onDamaged } = this.#options
    const text = await readIfThere(path, what)
    if (text === null) return null
    const content = this.#parse(text)
    if (content !== null) return content
    const aside = await setAside(path, clock.wallMs())
    const message = `${what} in ${path} does not verify; the file is kept as ${aside} and not used`
    logger.error(message)
    onDamaged(message)
    return null
  }

  /** Rejects with what the file system says; the old file stands then. */
  async save(content: T): Promise<void> {
    const text = JSON.stringify({ version: 1, sha256: digestOf(content), content })
    await replaceFile(this.#options.path, `${text}\n`)
  }

  #parse(text: string): T | null {
    let value: unknown
    try {
      value = JSON.parse(text)
    } catch {
      return null
    }
    const file = fileSchema.safeParse(value)
    if (!file.success || digestOf(file.data.content) !== file.data.sha256) return null
    const content = this.#options.schema.safeParse(file.data.content)
    return content.success ? content.data : null
  }
}

function digestOf(content: unknown): string {
  return createHash('sha256').update(JSON.stringify(content)).digest('hex')
}
