/** The command line of the lab: its commands, what each takes, and help with examples. */
import { Command } from 'commander'
import type { ExitCode } from '../../src/core/exit-code.ts'
import { SITE_NAMES } from '../network/addresses.ts'
import { labDown } from './lab-down.ts'
import { labFault } from './lab-fault.ts'
import { labRun } from './lab-run.ts'
import { labShell } from './lab-shell.ts'
import { labSoak } from './lab-soak.ts'
import { labStatus } from './lab-status.ts'
import { labUp } from './lab-up.ts'
import { parseLabOptions, type LabOptions } from './parse-lab-options.ts'

type Act = (words: readonly string[], options: LabOptions) => Promise<ExitCode>

const EXIT_CODES = `
Exit codes: 0 done, and within every bound; 1 a fault was not; 2 a wrong option or name; 6 a program or right that is needed is
missing; 8 a lab is up already.`

/** `done` is called with the exit code of the command that ran. */
export function labProgram(done: (code: ExitCode) => void): Command {
  const program = new Command('npm run lab --')
    .enablePositionalOptions()
    .description('Data centres on this machine, out of network namespaces, and what becomes of them.')
    .addHelpText(
      'after',
      `
Examples:
  npm run lab -- run --all --json            every fault, each with the bound that was written before the run
  npm run lab -- run site-lost --pace 1s     one of them, at an interval of 1 s
  npm run lab -- up --sites 5                a lab that stays; then fault, shell, status, down
  npm run lab -- soak --minutes 60 --seed 7  random faults for an hour
${EXIT_CODES}`,
    )
  const add = (usage: string, about: string, act: Act) =>
    program
      .command(usage)
      .description(about)
      .allowExcessArguments(false)
      .action(async (...given: readonly unknown[]) => {
        const command = given.at(-1) as Command
        const values: Readonly<Record<string, unknown>> = command.opts()
        done(await act(command.processedArgs.flat().filter(isWord), parseLabOptions(values)))
      })

  brief(building(add('up', 'build the data centres and leave them running', labUp)))
  add('down', 'end and remove them', labDown)
  withJson(add('status', 'what runs, and what the clients see', labStatus))
  add('shell <site> [command...]', 'a shell, or a command, in the network of a site', labShell)
    .passThroughOptions()
    .addHelpText(
      'after',
      `
SITE may also be clients, internet, backbone, or the router of a site (ams-router).

Examples:
  npm run lab -- shell ams
  npm run lab -- shell clients ip -brief address`,
    )
  withJson(add('fault <name>', 'one fault in the lab that is up', labFault))
  withJson(
    brief(
      building(
        add('run [name...]', 'faults in a lab of their own, which is removed afterwards', labRun)
          .option('--all', 'every fault')
          .option('--list', 'name the faults, and run none'),
      ),
    ),
  )
  withJson(
    building(
      add('soak', 'faults in an order of the seed, watching memory and open files too', labSoak)
        .option('--minutes <number>', 'for so long (10)')
        .option('--seed <number>', 'the same seed gives the same order; printed when none is given'),
    ),
  )
  return program
}

function building(command: Command): Command {
  return command
    .option('--sites <number>', `3 to ${SITE_NAMES.length} (3)`)
    .option('--pace <interval>', '5s or 1s between two probes of an endpoint (5s)')
    .option('--endpoints <number>', 'at each site, 2 to 20 (3)')
    .option('--rate <number>', 'questions a second (20)')
    .option(
      '--delay <ms>',
      'one way, on the link of each site: two sites are twice as far from each other (0)',
    )
}

/** A soak is always so. */
function brief(command: Command): Command {
  return command.option('--brief', 'an outage of controls and database lasts seconds instead of ten minutes')
}

function withJson(command: Command): Command {
  return command.option('--json', 'one JSON object on standard output')
}

function isWord(value: unknown): value is string {
  return typeof value === 'string'
}
