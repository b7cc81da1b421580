/** The tiers that answer now, as far as that is a choice by health: what a latch may stay on. */
import type { SteeredType } from '../../dns/record-set.ts'
import type { Decision } from '../decision.ts'
import type { AnsweringTier } from './latches.ts'

/** Those before which an endpoint is unknown are left out: a start is no failover. */
export function answeringTiers(decisions: readonly Decision[]): readonly AnsweringTier[] {
  return decisions.flatMap(({ type, routes }) =>
    isSteered(type)
      ? routes.flatMap(({ route, rule, tier, isSettled }) =>
          rule === 'policy' && isSettled && tier !== null ? [{ route, type, tier }] : [],
        )
      : [],
  )
}

function isSteered(type: Decision['type']): type is SteeredType {
  return type === 'A' || type === 'AAAA' || type === 'CNAME'
}
