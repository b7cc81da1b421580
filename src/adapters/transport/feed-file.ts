/**
 * The last snapshot of the feed on a node's disk: what it starts from when no control can be reached.
 * What must stay true: a file that does not verify is set aside, said aloud, and counts as none; it is fetched again.
 */
import { readFile, rename } from 'node:fs/promises'
import type { Clock } from '../../ports/clock.ts'
import { replaceFile } from '../durable-file/replace-file.ts'
import { parseFeedSnapshot, snapshotText, type FeedSnapshot } from './feed-message.ts'

export interface FeedFileOptions {
  readonly path: string
  readonly clock: Clock
  /** Told when a file did not verify. */
  readonly onDamaged: (message: string) => void
}

export class FeedFile {
  readonly #options: FeedFileOptions

  constructor(options: FeedFileOptions) {
    this.#options = options
  }

  /** null when there is none. */
  async load(): Promise<FeedSnapshot | null> {
    const { path, clock, onDamaged } = this.#options
    let text: string
    try {
      text = await readFile(path, 'utf8')
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
      throw error
    }
    try {
      return parseFeedSnapshot(JSON.parse(text))
    } catch (error) {
      const aside = `${path}.damaged-${clock.wallMs()}`
      await rename(path, aside)
      const reason = error instanceof Error ? error.message : String(error)
      onDamaged(
        `the saved configuration in ${path} does not verify (${reason}); it is kept as ${aside}, not used, and fetched again`,
      )
      return null
    }
  }

  async save(snapshot: FeedSnapshot): Promise<void> {
    await replaceFile(this.#options.path, `${snapshotText(snapshot)}\n`)
  }
}
