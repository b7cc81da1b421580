/** `fairlead budget`: what verdicts took out of the answers, what is held, and letting that go. */
import type { Command } from 'commander'
import { CommandError, EXIT } from '../../core/exit-code.ts'
import { changeOutcomeSchema } from '../../core/views/change-set.ts'
import { operationsSchema } from '../../core/views/operations.ts'
import { addNotes } from '../command-notes.ts'
import { addConnectionOptions, addJsonOption, runs, type CommonOptions } from '../invocation.ts'
import type { Io } from '../io.ts'
import { durationText } from '../output/duration.ts'
import { renderTable } from '../output/table.ts'
import { budgetTable } from './operations-table.ts'

const EXIT_CODES = [EXIT.ok, EXIT.failure, EXIT.badInput, EXIT.unreachable, EXIT.fileAccess, EXIT.denied]

export function addBudgetCommand(program: Command, io: Io): void {
  const command = program
    .command('budget')
    .description('Show what verdicts took out of the answers within the window, and what is held')
  addConnectionOptions(addJsonOption(command)).action(
    runs<CommonOptions>(io, async ({ options, paint, connect, print, printJson }) => {
      const { budget } = await connect().send({ path: 'v1/operations' }, operationsSchema)
      if (options.json) {
        printJson(budget)
        return
      }
      print(budgetTable(budget, paint))
      if (budget.holds.length === 0) return
      const nowMs = io.now()
      const rows = budget.holds.map(({ endpoint, loadBalancer, sinceMs }) => [
        endpoint,
        loadBalancer,
        durationText(nowMs - sinceMs),
      ])
      print(['', ...renderTable(['HELD', 'LOAD-BALANCER', 'FOR'], rows, { paint, none: '' })])
    }),
  )
  addNotes(command, {
    examples: [
      { line: 'fairlead budget', meaning: 'of all endpoints, and of each load balancer that spent' },
    ],
    exitCodes: EXIT_CODES,
  })
  addRelease(command, io)
}

interface ReleaseOptions extends CommonOptions {
  readonly all?: boolean
}

function addRelease(budget: Command, io: Io): void {
  const command = budget
    .command('release')
    .description('Take out of the answers what the withdrawal budget holds now')
    .argument('[name]', 'of this load balancer')
    .option('--all', 'of all load balancers')
  addConnectionOptions(addJsonOption(command)).action(
    runs<ReleaseOptions>(io, async ({ options, connect, print, printJson }, name?: string) => {
      if ((name === undefined) !== (options.all === true))
        throw new CommandError(EXIT.badInput, 'name the load balancer, or say --all')
      const body = name === undefined ? {} : { loadBalancer: name }
      const request = { method: 'POST', path: 'v1/budget/release', body } as const
      const outcome = await connect().send(request, changeOutcomeSchema)
      if (options.json) printJson(outcome)
      else print([`released   what is held of ${name ?? 'all load balancers'}`])
    }),
  )
  addNotes(command, {
    examples: [
      { line: 'fairlead budget release www.example.test', meaning: 'what it holds is really down' },
      { line: 'fairlead budget release --all', meaning: 'everywhere' },
    ],
    exitCodes: EXIT_CODES,
  })
}
