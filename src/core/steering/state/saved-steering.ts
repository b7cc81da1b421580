/** What steering must survive a restart with, beside the verdicts. */
import type { Latch } from '../../model/latch.ts'
import type { SavedFall } from './falls.ts'
import type { SavedRamp } from './ramps.ts'
import type { Hold, SavedWithdrawal } from './withdrawal-budget.ts'

export interface SavedSteering {
  readonly ramps: readonly SavedRamp[]
  readonly falls: readonly SavedFall[]
  readonly withdrawals: readonly SavedWithdrawal[]
  readonly holds: readonly Hold[]
  readonly latches: readonly Latch[]
}
