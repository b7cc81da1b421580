/**
 * `npm run prove`: the differential test at length (test/e2e/differential.ts): at least 2,000 load balancers under random health,
 * asked of a real PowerDNS. Exit code 1 when an answer differs; the seed of each is shown.
 */
import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { EXIT } from '../src/core/exit-code.ts'
import { isInProportion } from '../src/core/steering/testing/chi-square.ts'
import { runDifferential } from '../test/e2e/differential.ts'

const HELP = `Usage: npm run prove -- [--seed N] [--rounds N] [--json]

Compares the answers of a real PowerDNS with those of the pure functions that plan and explain them.

  --seed N    where chance begins; another one each time if absent
  --rounds N  worlds of about 95 load balancers each (default 25)
  --json      one object on standard output

Examples:
  npm run prove                              more than 2,000 cases, in about a minute
  npm run prove -- --seed 7 --rounds 1       once more what failed

Exit codes: 0 all answers are the same; 1 some differ; 2 a wrong option
`

const { values } = parse()
if (values.help) {
  process.stdout.write(HELP)
  process.exit(EXIT.ok)
}
const seed = wholeNumber('--seed', values.seed ?? String(randomInt(2 ** 30)))
const rounds = wholeNumber('--rounds', values.rounds ?? '25')
process.stderr.write(`seed ${seed}, ${rounds} rounds\n`)
const result = await runDifferential({ seed, rounds }, (cases) => {
  process.stderr.write(`${cases} cases\n`)
})
const outOfProportion = result.draws.filter(({ counts, weights }) => !isInProportion(counts, weights))
if (values.json) process.stdout.write(`${JSON.stringify({ seed, rounds, ...result, outOfProportion })}\n`)
else {
  for (const { seed: of, question, expected, got } of result.differences)
    process.stdout.write(`seed ${of}: ${question}\n  expected ${expected}\n  got      ${got}\n`)
  for (const { name, counts, weights } of outOfProportion)
    process.stdout.write(`${name}: drawn ${counts.join(' ')} times for weights ${weights.join(' ')}\n`)
  process.stdout.write(
    `${result.cases} cases, ${result.questions} questions, ${result.differences.length} differences; ` +
      `${result.draws.length} weighted answers drawn, ${outOfProportion.length} out of proportion\n`,
  )
}
process.exitCode = result.differences.length + outOfProportion.length > 0 ? EXIT.failure : EXIT.ok

function parse() {
  try {
    return parseArgs({
      options: {
        seed: { type: 'string' },
        rounds: { type: 'string' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    })
  } catch (error) {
    process.stderr.write(`prove: ${error instanceof Error ? error.message : String(error)}\n\n${HELP}`)
    process.exit(EXIT.badInput)
  }
}

function wholeNumber(option: string, text: string): number {
  if (/^[1-9]\d{0,9}$/.test(text)) return Number(text)
  process.stderr.write(`prove: ${option} takes a whole number above 0, not '${text}'\n`)
  process.exit(EXIT.badInput)
}
