/** What `explain` says of a question beside what the server answered: the same return code, the same values where chance has no part. */
import type { RecordType } from '../../src/core/dns/record-set.ts'
import type { Configuration } from '../../src/core/model/configuration.ts'
import { AnswerPlan } from '../../src/core/steering/answer-plan.ts'
import { explain } from '../../src/core/steering/explain.ts'
import type { ExplainContext } from '../../src/core/steering/explain-context.ts'
import { plainView } from '../../src/core/steering/steering-view.ts'
import type { DnsAnswer } from '../../src/ports/dns-server.ts'
import type { Locate } from '../../src/ports/locations.ts'
import type { VerdictReader } from '../../src/readers/verdict-reader.ts'

export function explainContextOf(
  configuration: Configuration,
  { book }: VerdictReader,
  locate: Locate,
): ExplainContext {
  return {
    ...{ configuration, locate, revision: 1, atMs: null, notKept: [] },
    plan: new AnswerPlan(configuration),
    view: plainView((key) => book.standing(key), Date.now()),
    verdict: (key) => book.verdict(key),
    probes: () => [],
    sinceMs: () => null,
    published: () => null,
  }
}

/** In words; null where both say the same. */
export function explainedDifference(
  asked: { readonly name: string; readonly type: RecordType; readonly client: string },
  answer: DnsAnswer,
  context: ExplainContext,
): string | null {
  const { answer: said, kind } = explain(asked, context)
  const text = `explain says ${said.rcode} ${said.values.join(' ')}`
  if (answer.kind !== 'answer' || answer.rcode !== said.rcode) return text
  // An alias is followed by explain, and asked for by its own type here.
  if (kind === 'cname') return null
  const isDrawn = said.shares?.some((share) => share < 1) ?? false
  const isSame = isDrawn
    ? answer.values.length > 0 && answer.values.every((value) => said.values.includes(value))
    : answer.values.join() === said.values.toSorted().join()
  return isSame ? null : text
}
