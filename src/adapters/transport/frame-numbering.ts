/**
 * Numbers for endpoints, so that a frame names each endpoint and its definition once in the life of a connection.
 * What must stay true: whoever has taken every frame since a whole one knows every number; a number is given again only after
 * a snapshot that does not hold it.
 */
import type { Frame, ReportedRegister } from '../../core/health/frame.ts'
import type { EndpointKey } from '../../core/model/resource.ts'

export interface NumberedRegister {
  readonly id: number
  readonly register: ReportedRegister
}

export interface NumberedFrame {
  readonly frame: Frame
  /** In order of id; one for each endpoint. */
  readonly registers: readonly NumberedRegister[]
  /** Those whose number says something new. */
  readonly named: readonly NumberedRegister[]
}

interface Named {
  readonly id: number
  readonly definition: string
}

export class FrameNumbering {
  readonly #named = new Map<EndpointKey, Named>()
  #free: number[] = []
  #next = 0

  /** For those who have taken every frame before. */
  number(frame: Frame): NumberedFrame {
    const latest = new Map(frame.registers.map((register) => [register.endpoint, register]))
    if (frame.snapshot) this.#forgetAllBut(latest)
    const registers: NumberedRegister[] = []
    const named: NumberedRegister[] = []
    for (const register of latest.values()) {
      const known = this.#named.get(register.endpoint)
      const id = known?.id ?? this.#free.pop() ?? this.#next++
      const numbered = { id, register }
      registers.push(numbered)
      if (known?.definition === register.definition) continue
      this.#named.set(register.endpoint, { id, definition: register.definition })
      named.push(numbered)
    }
    return { frame, registers: inOrder(registers), named: inOrder(named) }
  }

  /** For those who know nothing: `frame` is a snapshot of what all frames so far have come to. */
  whole(frame: Frame): NumberedFrame {
    const registers = inOrder(
      frame.registers.flatMap((register) => {
        const known = this.#named.get(register.endpoint)
        return known === undefined ? [] : [{ id: known.id, register }]
      }),
    )
    return { frame, registers, named: registers }
  }

  #forgetAllBut(present: ReadonlyMap<EndpointKey, unknown>): void {
    for (const [endpoint, { id }] of this.#named) {
      if (present.has(endpoint)) continue
      this.#named.delete(endpoint)
      this.#free.push(id)
    }
    if (this.#named.size > 0) return
    this.#free = []
    this.#next = 0
  }
}

function inOrder(registers: NumberedRegister[]): NumberedRegister[] {
  return registers.sort((a, b) => a.id - b.id)
}
