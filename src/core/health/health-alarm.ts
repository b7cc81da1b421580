/** What a reader of frames finds wrong with the health plane itself, in words: shown and logged, never decided upon. */
import type { GuardAlarm } from './definition-guard.ts'
import type { CheckerAgreement } from './outlier.ts'

export interface HealthAlarm {
  readonly kind: 'definition' | 'outlier'
  /** Names of the monitors, or of the checker: with `kind` it tells one alarm from another. */
  readonly about: string
  readonly message: string
}

export function definitionAlarm({ name, downs, size }: GuardAlarm): HealthAlarm {
  const message =
    `the new definition of the monitors of a pool (${name}) would turn ${downs} of ${size} endpoints that were up to ` +
    'down: their verdicts stand as they were. Correct the monitor, or disable the endpoints that really are down'
  return { kind: 'definition', about: name, message }
}

export function outlierAlarm({ checker, known, contradicted }: CheckerAgreement): HealthAlarm {
  const message =
    `checker ${checker} contradicts the verdict on ${contradicted} of the ${known} endpoints that it knows: ` +
    'look at its network'
  return { kind: 'outlier', about: checker, message }
}
