/** Which answers a change of the configuration would change, under the health of this moment: for `dryRun`. Pure. */
import type { Configuration } from '../core/model/configuration.ts'
import { AnswerPlan } from '../core/steering/answer-plan.ts'
import { answerLines } from '../core/steering/shown-answer.ts'
import type { SteeringView } from '../core/steering/steering-view.ts'
import type { ChangeOutcome } from '../core/views/change-set.ts'

type AnswerChange = NonNullable<ChangeOutcome['answers']>[number]

/** In order of name and type; values that are chosen among carry how. */
export function answerDiff(before: Configuration, after: Configuration, view: SteeringView): AnswerChange[] {
  const old = answersOf(before, view)
  const next = answersOf(after, view)
  const changes: AnswerChange[] = []
  for (const id of [...new Set([...old.keys(), ...next.keys()])].sort()) {
    const [was, is] = [old.get(id), next.get(id)]
    const { name, type } = was ?? is ?? { name: '', type: '' }
    if (was?.values.join('\n') !== is?.values.join('\n'))
      changes.push({ name, type, before: was?.values ?? null, after: is?.values ?? null })
  }
  return changes
}

interface Answer {
  readonly name: string
  readonly type: string
  readonly values: string[]
}

function answersOf(configuration: Configuration, view: SteeringView): ReadonlyMap<string, Answer> {
  const answers = new Map<string, Answer>()
  for (const plan of new AnswerPlan(configuration).zones(view).values())
    for (const records of plan.owners.values())
      for (const record of records) {
        const { name, type } = record
        answers.set(`${name} ${type}`, { name, type, values: answerLines(record) })
      }
  return answers
}
