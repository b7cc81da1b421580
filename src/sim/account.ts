/**
 * What one nameserver was told, kept a second time and as simply as can be: against it the invariants are checked, so that a
 * defect of the ledger, the ballots or the verdict cannot hide itself.
 */
import type { Frame, ReportedRegister } from '../core/health/frame.ts'
import { DEFAULT_TIMES } from '../core/health/verdict-book.ts'
import type { EndpointKey } from '../core/model/resource.ts'

interface Told {
  readonly site: string
  readonly incarnation: number
  readonly sequence: number
  readonly isFenced: boolean
  /** Of the reader's host, ms. */
  readonly atMs: number
  readonly registers: Map<EndpointKey, ReportedRegister>
}

export class Account {
  readonly #told = new Map<string, Told>()

  take(frame: Frame, atMs: number): void {
    const { checker, site, incarnation, sequence, fenced: isFenced } = frame
    const known = this.#told.get(checker)
    const isSameLife = known?.incarnation === incarnation
    const isOld =
      known !== undefined && (incarnation < known.incarnation || (isSameLife && sequence <= known.sequence))
    const isNext = isSameLife ? sequence === known.sequence + 1 : sequence === 1
    if (isOld || (!frame.snapshot && !isNext)) return
    const registers =
      frame.snapshot || !isSameLife ? new Map<EndpointKey, ReportedRegister>() : known.registers
    for (const register of frame.registers) registers.set(register.endpoint, register)
    this.#told.set(checker, { site, incarnation, sequence, isFenced, atMs, registers })
  }

  /** Sites of which a live checker says so of the endpoint now, under this definition; null: under whichever. */
  sitesThatSay(
    state: 'up' | 'down',
    about: {
      readonly endpoint: EndpointKey
      readonly definition: string | null
      readonly nowMs: number
    },
  ): ReadonlySet<string> {
    const sites = new Set<string>()
    for (const { site, isFenced, atMs, registers } of this.#told.values()) {
      const register = registers.get(about.endpoint)
      if (isFenced || about.nowMs - atMs > DEFAULT_TIMES.leaseMs || register === undefined) continue
      const isOther = about.definition !== null && register.definition !== about.definition
      if (isOther || register.state === 'unknown') continue
      if ((register.state === 'down') === (state === 'down')) sites.add(site)
    }
    return sites
  }
}
