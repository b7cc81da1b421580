/**
 * The tree of commands. scripts/generate.ts reads it for docs/reference/cli.md, completion for candidates: what is declared here
 * is the one truth about the command line.
 */
import { Command } from 'commander'
import { addApplyCommand } from './commands/apply.ts'
import { addAuditCommand } from './commands/audit.ts'
import { addAuthorityCommand } from './commands/authority.ts'
import { addBudgetCommand } from './commands/budget.ts'
import { addCertificatesCommand, addRevokeCommand } from './commands/certificates.ts'
import { addCheckerCommand } from './commands/checker.ts'
import { addCompletionCommand } from './commands/completion.ts'
import { addCompareCommand } from './commands/compare.ts'
import { addControlCommand } from './commands/control.ts'
import { addDeleteCommand } from './commands/delete.ts'
import { addDiffCommand } from './commands/diff.ts'
import { addDnsdistConfigCommand } from './commands/dnsdist-config.ts'
import { addDnssecCommand } from './commands/dnssec.ts'
import { addDrainCommand } from './commands/drain.ts'
import { addExplainCommand } from './commands/explain.ts'
import { addExportCommand } from './commands/export.ts'
import { addFailbackCommand } from './commands/failback.ts'
import { addGetCommand } from './commands/get.ts'
import { addPowerdnsConfigCommand } from './commands/powerdns-config.ts'
import { addHistoryCommand } from './commands/history.ts'
import { addInitCommand } from './commands/init.ts'
import { addJoinCommand } from './commands/join.ts'
import { addJoinTokenCommand } from './commands/join-token.ts'
import { addLoginCommand } from './commands/login.ts'
import { addLogoutCommand } from './commands/logout.ts'
import { addNameserverCommand } from './commands/nameserver.ts'
import { addOverrideCommand } from './commands/override.ts'
import { addProposalsCommand } from './commands/proposals.ts'
import { addProtectCommand } from './commands/protect.ts'
import { addRollbackCommand } from './commands/rollback.ts'
import { addSimulateCommand } from './commands/simulate.ts'
import { addStatusCommand } from './commands/status.ts'
import { addStoreCommand } from './commands/store.ts'
import { addTokenCommand } from './commands/token.ts'
import { addTrafficCommand } from './commands/traffic.ts'
import { addTsigCommand } from './commands/tsig.ts'
import { addUpCommand } from './commands/up.ts'
import { addValidateCommand } from './commands/validate.ts'
import { addVersionCommand } from './commands/version.ts'
import { addWatchCommand } from './commands/watch.ts'
import { addWhoamiCommand } from './commands/whoami.ts'
import type { Io } from './io.ts'
import { VERSION } from './version.ts'

const COMMANDS = [
  addUpCommand,
  addControlCommand,
  addCheckerCommand,
  addNameserverCommand,
  addApplyCommand,
  addDiffCommand,
  addValidateCommand,
  addExportCommand,
  addGetCommand,
  addDeleteCommand,
  addOverrideCommand,
  addDrainCommand,
  addFailbackCommand,
  addBudgetCommand,
  addDnssecCommand,
  addExplainCommand,
  addHistoryCommand,
  addCompareCommand,
  addRollbackCommand,
  addProtectCommand,
  addProposalsCommand,
  addSimulateCommand,
  addStatusCommand,
  addWatchCommand,
  addStoreCommand,
  addInitCommand,
  addJoinTokenCommand,
  addJoinCommand,
  addCertificatesCommand,
  addRevokeCommand,
  addLoginCommand,
  addLogoutCommand,
  addAuthorityCommand,
  addTokenCommand,
  addWhoamiCommand,
  addAuditCommand,
  addTrafficCommand,
  addTsigCommand,
  addPowerdnsConfigCommand,
  addDnsdistConfigCommand,
  addCompletionCommand,
  addVersionCommand,
]

/** Parsing throws commander's CommanderError for a wrong command line and after --help; nothing here ends the process. */
export function buildProgram(io: Io): Command {
  const program = new Command('fairlead')
    .description('A global load balancer over DNS: answers with the endpoints that are healthy now.')
    .version(VERSION, '-V, --version', 'print the version')
    .helpCommand('help [command]', 'show help for a command')
    .showSuggestionAfterError()
    .showHelpAfterError('(add --help to see what is expected)')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => {
        io.stdout.write(text)
      },
      writeErr: (text) => {
        io.stderr.write(text)
      },
      getOutHelpWidth: () => (io.stdout.isTerminal ? Math.min(io.stdout.size.columns, 120) : 100),
      getErrHelpWidth: () => 100,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
  for (const addCommand of COMMANDS) addCommand(program, io)
  for (const command of [program, ...program.commands])
    // `drain cancel --data-dir` is an option of `cancel`, although `drain` has it too.
    if (command.commands.length > 0) command.enablePositionalOptions()
  return program
}
