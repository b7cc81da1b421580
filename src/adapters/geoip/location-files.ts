/**
 * The operator's databases of locations, and what happens when he replaces one.
 * What must stay true: a file that cannot be read is said aloud and changes nothing: what was known stays known.
 */
import { stat } from 'node:fs/promises'
import { CommandError, EXIT } from '../../core/exit-code.ts'
import type { ClientLocation } from '../../core/steering/evaluate.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Locate } from '../../ports/locations.ts'
import { readLocations } from './read-locations.ts'

export interface LocationFilesOptions {
  /** Absolute. */
  readonly paths: readonly string[]
  readonly clock: Clock
  readonly onAlarm: (message: string) => void
  /** Newer files were read. May fail, and is called again then. */
  readonly onChanged?: () => Promise<void>
  /** Keep them in memory, to look addresses up; else they are only checked. */
  readonly keeps: boolean
}

const LOOK_MS = 2_000

export class LocationFiles {
  readonly #options: LocationFilesOptions
  #locate: Locate = () => null
  #seen = ''
  #told = ''
  #cancel: (() => void) | null = null
  #looking: Promise<void> = Promise.resolve()
  #stopped = false

  constructor(options: LocationFilesOptions) {
    this.#options = options
  }

  /** Reads them, if there are any, and looks for newer ones from now on. Throws CommandError for a file that cannot be read. */
  async start(): Promise<void> {
    if (this.#options.paths.length === 0) return
    try {
      await this.#read(await this.#state())
    } catch (cause) {
      throw new CommandError(EXIT.fileAccess, `--geoip-database: ${messageOf(cause)}`, { cause })
    }
    this.#lookLater()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancel?.()
    await this.#looking
  }

  readonly locate = (address: string): ClientLocation | null => this.#locate(address)

  #lookLater(): void {
    if (this.#stopped) return
    this.#cancel = this.#options.clock.after(LOOK_MS, () => {
      this.#looking = this.#look().then(() => {
        this.#lookLater()
      })
    })
  }

  async #look(): Promise<void> {
    const { onAlarm, onChanged } = this.#options
    try {
      const state = await this.#state()
      if (state === this.#seen) return
      await this.#read(state)
      await onChanged?.()
      this.#seen = state
      this.#told = ''
    } catch (error) {
      const message = `a newer database of locations is not used: ${messageOf(error)}`
      if (message !== this.#told) onAlarm(message)
      this.#told = message
    }
  }

  async #read(state: string): Promise<void> {
    const locate = await readLocations(this.#options.paths)
    if (this.#options.keeps) this.#locate = locate
    if (this.#seen === '') this.#seen = state
  }

  /** Differs when any of the files was replaced or written to. */
  async #state(): Promise<string> {
    const stats = await Promise.all(this.#options.paths.map((path) => stat(path)))
    return stats.map(({ ino, size, mtimeMs }) => `${ino} ${size} ${mtimeMs}`).join('\n')
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
