/** All scenarios, by name. */
import { CHAOS } from './scenario-chaos.ts'
import type { Scenario } from './scenario.ts'
import { DEATHS } from './scenarios-deaths.ts'
import { LOSSES } from './scenarios-loss.ts'
import { RESTARTS } from './scenarios-restarts.ts'

export const SCENARIOS: ReadonlyMap<string, Scenario> = new Map(
  [...DEATHS, ...LOSSES, ...RESTARTS, CHAOS].map((scenario) => [scenario.name, scenario]),
)
