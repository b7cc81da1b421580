/** Which answers a change of the configuration would change, under the verdicts of this moment: for `dryRun`. Pure. */
import type { RecordSet } from '../core/dns/record-set.ts'
import type { Configuration } from '../core/model/configuration.ts'
import { AnswerPlan } from '../core/steering/answer-plan.ts'
import type { VerdictLookup } from '../core/steering/eligibility.ts'
import type { ChangeOutcome } from '../core/views/change-set.ts'

type AnswerChange = NonNullable<ChangeOutcome['answers']>[number]

/** In order of name and type; the values of a weighted answer carry their weights. */
export function answerDiff(
  before: Configuration,
  after: Configuration,
  verdicts: VerdictLookup,
): AnswerChange[] {
  const old = answersOf(before, verdicts)
  const next = answersOf(after, verdicts)
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

function answersOf(configuration: Configuration, verdicts: VerdictLookup): ReadonlyMap<string, Answer> {
  const answers = new Map<string, Answer>()
  for (const plan of new AnswerPlan(configuration).zones(verdicts).values())
    for (const records of plan.owners.values())
      for (const record of records) {
        const { name, type } = record
        answers.set(`${name} ${type}`, { name, type, values: valuesOf(record) })
      }
  return answers
}

function valuesOf(record: RecordSet): string[] {
  switch (record.kind) {
    case 'plain':
      return [...record.values]
    case 'weighted':
      return record.choices.map(({ address, weight }) => `${address} (weight ${weight})`)
    case 'refused':
      return ['(refused)']
  }
}
