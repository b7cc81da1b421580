/**
 * Load balancers as servers get them that know no steering: secondaries, and servers that take updates.
 * What must stay true: a record set that is refused keeps its last rendering, from one plan to the next, so that no such server
 * denies a name that is only not to be answered now; nothing is kept of a name that is gone.
 */
import type { OwnerRecords, PlainRecordSet } from '../core/dns/record-set.ts'
import { plainRendering } from '../core/steering/plain-rendering.ts'

export class PlainRenderings {
  /** By name: what each was last rendered as. */
  readonly #last = new Map<string, readonly PlainRecordSet[]>()

  /** What stands since an earlier run. */
  remember(sets: Iterable<PlainRecordSet>): void {
    for (const set of sets) this.#last.set(set.name, [...(this.#last.get(set.name) ?? []), set])
  }

  /** All records of one load balancer; `answers` as for plainRendering. */
  render(name: string, records: OwnerRecords, answers: number | undefined): readonly PlainRecordSet[] {
    const last = this.#last.get(name)
    const rendered = plainRendering(
      records,
      answers,
      (type) => last?.find((set) => set.type === type) ?? null,
    )
    this.#last.set(name, rendered)
    return rendered
  }

  keepOnly(isThere: (name: string) => boolean): void {
    for (const name of this.#last.keys()) if (!isThere(name)) this.#last.delete(name)
  }
}
