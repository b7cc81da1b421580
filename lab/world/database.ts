/**
 * The database of the controls: one PostgreSQL at the first site and, where a fault asks for it, a synchronous standby of it at the
 * second one. What must stay true: the controls know both addresses from the start, as they would those of a cluster; nothing
 * acknowledged is lost with a primary that has a standby; a server that was overthrown never runs again with what it had.
 */
import { PostgresServer, type PostgresPlace } from '../../test/harness/postgres.ts'

export class Database {
  readonly #places: readonly [PostgresPlace, PostgresPlace]
  #isAtSecond = false
  #primary: PostgresServer
  #standby: PostgresServer | null = null

  private constructor(places: readonly [PostgresPlace, PostgresPlace], primary: PostgresServer) {
    this.#places = places
    this.#primary = primary
  }

  static async start(places: readonly [PostgresPlace, PostgresPlace]): Promise<Database> {
    return new Database(places, await PostgresServer.start({ place: places[0] }))
  }

  /** URL of a new database, with both hosts. */
  async url(): Promise<string> {
    const [{ address, port }, other] = this.#places
    const url = await this.#primary.database()
    return url.replace(`${address}:${port}`, `${address}:${port},${other.address}:${other.port}`)
  }

  /** A standby where the primary is not, made of a copy: nothing is acknowledged any more without it. */
  async addStandby(): Promise<void> {
    this.#standby = await PostgresServer.standbyOf(this.#primary, this.#places[this.#isAtSecond ? 0 : 1])
  }

  /** kill -9 of the primary; then the standby is promoted, as a failover manager does that has noticed. */
  async failOver(): Promise<void> {
    const [overthrown, standby] = [this.#primary, this.#standby]
    if (standby === null) throw new Error('there is no standby')
    await overthrown.end('SIGKILL')
    await standby.promote()
    this.#primary = standby
    this.#standby = null
    this.#isAtSecond = !this.#isAtSecond
    // It has nothing that counts: whoever is to stand by in its place copies what the new primary has.
    await overthrown.remove()
  }

  /** Where the primary is: index of the site. */
  get site(): number {
    return this.#isAtSecond ? 1 : 0
  }

  get pid(): number {
    return this.#primary.pid
  }

  end(signal: NodeJS.Signals): Promise<void> {
    return this.#primary.end(signal)
  }

  /** Starts the primary on what it has. */
  resume(): Promise<void> {
    return this.#primary.resume()
  }
}
