/** `npm run lab -- up|down|status|shell SITE|fault NAME|run|soak`: data centres on this machine, and what becomes of them. */
import { parseArgs } from 'node:util'
import { CommandError, EXIT } from '../src/core/exit-code.ts'
import { labDown } from './commands/lab-down.ts'
import { labFault } from './commands/lab-fault.ts'
import { labRun } from './commands/lab-run.ts'
import { labShell } from './commands/lab-shell.ts'
import { labSoak } from './commands/lab-soak.ts'
import { labStatus } from './commands/lab-status.ts'
import { labUp } from './commands/lab-up.ts'
import { parseLabOptions, requireTaken, type LabCommand } from './commands/parse-lab-options.ts'

const USAGE = `npm run lab -- COMMAND
  up            build the data centres and leave them running
  down          end and remove them
  status        what runs, and what the clients see
  shell SITE    a shell in the network of a site (or of clients, or of internet)
  fault NAME    one fault in the lab that is up
  run [NAME...] faults in a lab of their own, which is removed afterwards; --all for every fault, --list names them
  soak          faults in an order of the --seed for so many --minutes (10), watching memory and open files too
Options: --sites 3..7 (3), --pace 5s|1s (5s), --endpoints PER_SITE (3), --rate QUESTIONS_PER_SEC (20), --delay MS (0), --long, --json`

const COMMANDS = {
  ...{ up: labUp, down: labDown, status: labStatus, shell: labShell, fault: labFault, run: labRun },
  soak: labSoak,
} as const

try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      ...{
        all: { type: 'boolean' },
        list: { type: 'boolean' },
        json: { type: 'boolean' },
        long: { type: 'boolean' },
      },
      ...{ sites: { type: 'string' }, pace: { type: 'string' }, endpoints: { type: 'string' } },
      ...{ rate: { type: 'string' }, delay: { type: 'string' } },
      ...{ minutes: { type: 'string' }, seed: { type: 'string' } },
    },
  })
  const [name = '', ...words] = positionals
  if (!Object.hasOwn(COMMANDS, name)) throw new CommandError(EXIT.badInput, USAGE)
  const command = name as LabCommand
  requireTaken(command, values)
  process.exitCode = await COMMANDS[command](words, parseLabOptions(values))
} catch (error) {
  const isUsage = error instanceof TypeError && 'code' in error
  if (!(error instanceof CommandError || isUsage)) throw error
  process.stderr.write(`lab: ${error.message}\n`)
  process.exitCode = error instanceof CommandError ? error.exitCode : EXIT.badInput
}
