/**
 * A register: one checker's current opinion of one check, as a pure state machine (SPEC.md, R1 to R24).
 * What must stay true: a local error never counts against the endpoint; fewer than `fall` failures in a row never make a
 * register down; nothing but `rise` successes in a row, more for one that flaps, brings it up again. The degraded bit follows
 * the same rule, with degraded successes for failures.
 */
export type RegisterState = 'unknown' | 'up' | 'suspect' | 'down'

export interface Register {
  readonly state: RegisterState
  readonly degraded: boolean
  /** Failures in a row. */
  readonly failures: number
  /** Successes in a row. */
  readonly successes: number
  /** Degraded successes in a row; failures between them are no better, and no break. */
  readonly slow: number
  /** Plain successes in a row. */
  readonly plain: number
  /** Flap penalty as it was at `penaltyAtMs`; halves every PENALTY_HALF_LIFE_MS. */
  readonly penalty: number
  /** Monotonic ms. */
  readonly penaltyAtMs: number
  /** The penalty of the degraded bit, of its own: a slow endpoint that flaps must not be slower to recover from down. */
  readonly bitPenalty: number
  readonly bitPenaltyAtMs: number
}

type Flapping = Pick<Register, 'penalty' | 'penaltyAtMs'>

export type RegisterEvent =
  | { readonly kind: 'success'; readonly degraded: boolean }
  | { readonly kind: 'failure' }
  /** The checker could not probe (no file descriptor, no port, name lookup of our own): no vote. */
  | { readonly kind: 'local-error' }

export interface RegisterRules {
  readonly fall: number
  readonly rise: number
  /** Share of its probes that the checker itself loses, 0 to 1: stretches `fall`. */
  readonly loss: number
}

export const PENALTY_PER_TRANSITION = 1_000
export const PENALTY_HALF_LIFE_MS = 600_000
const PENALTY_PER_DOUBLING = 2_000
const MAX_DOUBLINGS = 4
/** Twice what the longest rise takes: whatever an endpoint did, after one calm half-life its rise begins to shrink. */
export const MAX_PENALTY = 2 * MAX_DOUBLINGS * PENALTY_PER_DOUBLING
const LOSS_PER_EXTRA_FAILURE = 0.08
const MAX_EXTRA_FAILURES = 4

export function unknownRegister(): Register {
  const streaks = { failures: 0, successes: 0, slow: 0, plain: 0 }
  const penalties = { penalty: 0, penaltyAtMs: 0, bitPenalty: 0, bitPenaltyAtMs: 0 }
  return { state: 'unknown', degraded: false, ...streaks, ...penalties }
}

/** What is left of a register when the fence of its checker ends: how often the endpoint flapped, and no opinion. */
export function forgetRegister({ penalty, penaltyAtMs, bitPenalty, bitPenaltyAtMs }: Register): Register {
  return { ...unknownRegister(), penalty, penaltyAtMs, bitPenalty, bitPenaltyAtMs }
}

/** `fall`, one more for each 8 % of measured loss, at most four more. */
export function effectiveFall(rules: RegisterRules): number {
  const extra = Math.floor(rules.loss / LOSS_PER_EXTRA_FAILURE)
  return rules.fall + Math.min(MAX_EXTRA_FAILURES, Math.max(0, extra))
}

/** `rise`, doubled for each 2,000 of flap penalty, at most four times. */
export function effectiveRise(register: Flapping, rules: RegisterRules, nowMs: number): number {
  const doublings = Math.floor(penaltyAt(register, nowMs) / PENALTY_PER_DOUBLING)
  return rules.rise * 2 ** Math.min(MAX_DOUBLINGS, doublings)
}

export function penaltyAt(register: Flapping, nowMs: number): number {
  return register.penalty * 2 ** (-Math.max(0, nowMs - register.penaltyAtMs) / PENALTY_HALF_LIFE_MS)
}

/** True while the next probe should come after the fast interval: the state may be about to change. */
export function isUndecided(register: Register): boolean {
  return (
    register.state === 'unknown' ||
    register.state === 'suspect' ||
    (register.state === 'down' && register.successes > 0)
  )
}

interface Step {
  readonly register: Register
  readonly rules: RegisterRules
  readonly nowMs: number
  readonly degraded: boolean
}
type Cell = (step: Step) => Register

/** Every state x event has a cell: a missing one does not compile. */
const TABLE: Record<RegisterState, Record<RegisterEvent['kind'], Cell>> = {
  unknown: { success: becomeUp, failure: failTowardsDown, 'local-error': stay },
  up: { success: becomeUp, failure: failTowardsDown, 'local-error': stay },
  suspect: { success: becomeUp, failure: failTowardsDown, 'local-error': stay },
  down: { success: recover, failure: stayDown, 'local-error': stay },
}

/** The register after `event`. `nowMs` is monotonic and never goes back. */
export function stepRegister(
  register: Register,
  event: RegisterEvent,
  context: { readonly rules: RegisterRules; readonly nowMs: number },
): Register {
  const degraded = event.kind === 'success' && event.degraded
  return TABLE[register.state][event.kind]({ register, degraded, ...context })
}

function becomeUp(step: Step): Register {
  const { register } = step
  return stepBit({ ...register, state: 'up', failures: 0, successes: register.successes + 1 }, step)
}

function failTowardsDown(step: Step): Register {
  const { register, rules } = step
  const failures = register.failures + 1
  const next: Register = { ...register, failures, successes: 0, plain: 0 }
  if (failures < effectiveFall(rules))
    return { ...next, state: register.state === 'unknown' ? 'unknown' : 'suspect' }
  return penalised({ ...next, state: 'down', degraded: false, slow: 0 }, step)
}

function stayDown({ register }: Step): Register {
  return { ...register, failures: register.failures + 1, successes: 0, plain: 0 }
}

function recover(step: Step): Register {
  const { register, rules, nowMs } = step
  const successes = register.successes + 1
  const next: Register = { ...register, successes, failures: 0 }
  if (successes < effectiveRise(register, rules, nowMs)) return { ...next, ...streaksAfter(next, step) }
  return stepBit(penalised({ ...next, state: 'up' }, step), step)
}

/** The degraded bit after a success: `fall` degraded ones in a row set it, `rise` plain ones clear it, both stretched alike. */
function stepBit(next: Register, step: Step): Register {
  const { rules, nowMs } = step
  const streaks = streaksAfter(next, step)
  const flapping = { penalty: next.bitPenalty, penaltyAtMs: next.bitPenaltyAtMs }
  const degraded = next.degraded
    ? streaks.plain < effectiveRise(flapping, rules, nowMs)
    : streaks.slow >= effectiveFall(rules)
  if (degraded === next.degraded) return { ...next, ...streaks }
  const bitPenalty = Math.min(MAX_PENALTY, penaltyAt(flapping, nowMs) + PENALTY_PER_TRANSITION)
  return { ...next, ...streaks, degraded, bitPenalty, bitPenaltyAtMs: nowMs }
}

function streaksAfter({ slow, plain }: Register, { degraded }: Step): Pick<Register, 'slow' | 'plain'> {
  return degraded ? { slow: slow + 1, plain: 0 } : { slow: 0, plain: plain + 1 }
}

function stay({ register }: Step): Register {
  return register
}

/** Adds the penalty of one transition. A first `down` straight from unknown is a discovery, not a flap. */
function penalised(next: Register, { register, nowMs }: Step): Register {
  if (register.state === 'unknown') return next
  const penalty = Math.min(MAX_PENALTY, penaltyAt(register, nowMs) + PENALTY_PER_TRANSITION)
  return { ...next, penalty, penaltyAtMs: nowMs }
}

/** What a checker says of an endpoint that several monitors judge: as bad as the worst of them; of none it knows nothing. */
export function combineRegisters(registers: readonly Register[]): {
  state: RegisterState
  degraded: boolean
} {
  const has = (state: RegisterState) => registers.some((register) => register.state === state)
  const ignorant = registers.length === 0 || has('unknown')
  const state = has('down') ? 'down' : ignorant ? 'unknown' : has('suspect') ? 'suspect' : 'up'
  return { state, degraded: registers.some((register) => register.degraded) }
}
