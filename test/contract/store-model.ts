/**
 * What a store is, without a disk: the model that every store is compared with, and the inputs for the comparison.
 * It is written for being obviously right, not for being fast.
 */
import fc from 'fast-check'
import type { Change, Resource } from '../../src/core/model/resource.ts'
import type { RecordedChange } from '../../src/ports/recorded-change.ts'
import type { ChangeSet, CommitOutcome, Revision, StoredResource } from '../../src/ports/store.ts'

export class StoreModel {
  readonly revisions: Revision[] = []
  #resources = new Map<string, StoredResource>()

  get head(): number {
    return this.revisions.length
  }

  commit(changeSet: ChangeSet): CommitOutcome {
    const { id, baseRevision, author, atMs, message } = changeSet
    const before = this.revisions.find((revision) => revision.changeSetId === id)
    if (before !== undefined) return { kind: 'already-committed', revision: before }
    if (baseRevision !== this.head) return { kind: 'conflict', head: this.head }
    const number = this.head + 1
    const changes = changeSet.changes.map((change) => this.#apply(change, number))
    const revision = { number, changeSetId: id, author, atMs, message, changes }
    this.revisions.push(revision)
    return { kind: 'committed', revision }
  }

  /** In no particular order, as the port says nothing of one. */
  load(): { readonly revision: number; readonly resources: readonly StoredResource[] } {
    return { revision: this.head, resources: [...this.#resources.values()] }
  }

  #apply(change: Change, number: number): RecordedChange {
    const place = `${change.kind} ${change.key}`
    const before = this.#resources.get(place)?.resource.spec ?? null
    const { kind, key } = change
    if (change.op === 'delete') {
      this.#resources.delete(place)
      return { kind, key, before, after: null }
    }
    const resource = { kind, key, spec: change.spec } as Resource
    this.#resources.set(place, { resource, revision: number })
    return { kind, key, before, after: change.spec }
  }
}

export function sorted(resources: readonly StoredResource[]): readonly StoredResource[] {
  const place = ({ resource }: StoredResource) => `${resource.kind} ${resource.key}`
  return resources.toSorted((a, b) => (place(a) < place(b) ? -1 : 1))
}

export function site(name: string, country = 'NL'): Change & { readonly op: 'put' } {
  return { op: 'put', kind: 'site', key: name, spec: { name, country, checkers: [], canaries: [] } }
}

/** Change sets over few keys, so that they meet; of every kind whose body is quickly written. */
export function arbitraryChanges(): fc.Arbitrary<readonly Change[]> {
  const name = fc.constantFrom('a', 'b', 'c', 'd', 'e.test', 'f-1')
  const put = fc.oneof(
    fc
      .record({ name, country: fc.constantFrom('NL', 'DE', 'FI') })
      .map((spec) => site(spec.name, spec.country)),
    fc
      .record({ name, monitors: fc.array(name, { maxLength: 3 }) })
      .map((spec): Change => ({ op: 'put', kind: 'pool', key: spec.name, spec })),
    fc
      .record({
        name,
        address: fc.constantFrom('192.0.2.1', '2001:db8::1'),
        port: fc.integer({ min: 1, max: 65_535 }),
        site: name,
        weight: fc.integer({ min: 0, max: 65_535 }),
        enabled: fc.boolean(),
      })
      .map((spec): Change => ({ op: 'put', kind: 'endpoint', key: `a/${spec.name}`, spec })),
  )
  const remove = fc
    .record({ kind: fc.constantFrom('site', 'pool'), key: name })
    .map((target): Change => ({ op: 'delete', ...target }))
  return fc.uniqueArray(fc.oneof(put, remove), {
    minLength: 1,
    maxLength: 8,
    selector: (change) => `${change.kind} ${change.key}`,
  })
}
