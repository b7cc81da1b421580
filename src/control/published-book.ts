/**
 * What each nameserver says that it has published, and of that what is shown: what most of those that live say.
 * What must stay true: one nameserver neither replaces nor takes back what the others have published; bounded by the names of the
 * configuration and the nameservers.
 */
import type { DecidedType } from '../core/steering/decision.ts'
import type { PublishedAnswer } from '../ports/report.ts'

type ByType = ReadonlyMap<DecidedType, PublishedAnswer>

export class PublishedBook {
  /** By name, then by nameserver, the one that spoke last at the end. */
  readonly #names = new Map<string, Map<string, ByType>>()
  readonly #isLive: (nameserver: string) => boolean

  constructor(isLive: (nameserver: string) => boolean) {
    this.#isLive = isLive
  }

  published(answers: readonly PublishedAnswer[], by: string): void {
    // A report of a name holds all its types: one that is not among them is answered no more.
    for (const [name, ofName] of Map.groupBy(answers, (answer) => answer.name)) {
      const said = this.#names.get(name) ?? new Map<string, ByType>()
      said.delete(by)
      said.set(by, new Map(ofName.map((answer) => [answer.type, answer])))
      this.#names.set(name, said)
    }
  }

  withdrawn(names: readonly string[], by: string): void {
    for (const name of names) {
      const said = this.#names.get(name)
      said?.delete(by)
      if (said?.size === 0) this.#names.delete(name)
    }
  }

  /** Forgets the names for which this is false. */
  keep(isKept: (name: string) => boolean): void {
    for (const name of this.#names.keys()) if (!isKept(name)) this.#names.delete(name)
  }

  /** What this nameserver said. */
  forget(nameserver: string): void {
    this.withdrawn([...this.#names.keys()], nameserver)
  }

  /** Of those that say the same the one that spoke last; null: most of them do not answer it. */
  answer(name: string, type: DecidedType): PublishedAnswer | null {
    const said = [...(this.#names.get(name) ?? [])]
    const live = said.filter(([by]) => this.#isLive(by))
    const votes = new Map<string, { count: number; answer: PublishedAnswer | null }>()
    for (const [, byType] of live.length > 0 ? live : said) {
      const answer = byType.get(type) ?? null
      const id = answer === null ? '' : JSON.stringify([...answer.values].sort())
      const count = (votes.get(id)?.count ?? 0) + 1
      votes.delete(id)
      votes.set(id, { count, answer })
    }
    let most: { readonly count: number; readonly answer: PublishedAnswer | null } = { count: 0, answer: null }
    for (const vote of votes.values()) if (vote.count >= most.count) most = vote
    return most.answer
  }
}
