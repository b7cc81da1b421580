/**
 * The last snapshot of the feed on a node's disk: what it starts from when no control can be reached.
 * What must stay true: a file that does not verify is set aside, said aloud, and counts as none; it is fetched again.
 */
import type { Clock } from '../../ports/clock.ts'
import { readIfThere } from '../durable-file/read-if-there.ts'
import { replaceFile } from '../durable-file/replace-file.ts'
import { setAside } from '../durable-file/set-aside.ts'
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

  /** null when there is none. Throws CommandError when it cannot be read. */
  async load(): Promise<FeedSnapshot | null> {
    const { path, clock, onDamaged } = this.#options
    const text = await readIfThere(path, 'the saved configuration')
    if (text === null) return null
    try {
      return parseFeedSnapshot(JSON.parse(text))
    } catch (error) {
      const aside = await setAside(path, clock.wallMs())
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
