/** What the budget did since somebody asked: holds by load balancer, and whose answers it changed. */
import type { EndpointKey } from '../../model/resource.ts'
import type { SteeringNote } from './steering-note.ts'

type HoldNote = Exclude<SteeringNote, { kind: 'latched' }>

export class BudgetNotes {
  #notes = new Map<string, HoldNote & { endpoints: EndpointKey[] }>()
  #changed = new Set<string>()

  held(loadBalancer: string, endpoint: EndpointKey, budget: 'load-balancer' | 'total'): void {
    this.#add({ kind: 'held', loadBalancer, endpoints: [], budget }, endpoint)
  }

  ended(loadBalancer: string, endpoint: EndpointKey, outcome: 'withdrawn' | 'released' | 'answered'): void {
    this.#add({ kind: 'hold-ended', loadBalancer, endpoints: [], outcome }, endpoint)
  }

  take(): { readonly notes: readonly SteeringNote[]; readonly balancers: ReadonlySet<string> } {
    const taken = { notes: [...this.#notes.values()], balancers: this.#changed }
    this.#notes = new Map()
    this.#changed = new Set()
    return taken
  }

  #add(note: HoldNote & { endpoints: EndpointKey[] }, endpoint: EndpointKey): void {
    const id = `${note.loadBalancer} ${note.kind === 'held' ? note.budget : note.outcome}`
    const known = this.#notes.get(id)
    if (known === undefined) this.#notes.set(id, note)
    const { endpoints } = known ?? note
    endpoints.push(endpoint)
    this.#changed.add(note.loadBalancer)
  }
}
