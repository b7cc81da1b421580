/** `npm run lab -- up|down|status|shell SITE|fault NAME|run|soak`: data centres on this machine, and what becomes of them. */
import { CommandError, EXIT } from '../src/core/exit-code.ts'
import { labProgram } from './commands/lab-program.ts'

const program = labProgram((code) => {
  process.exitCode = code
})
for (const command of [program, ...program.commands])
  command.exitOverride((error) => process.exit(error.exitCode === 0 ? EXIT.ok : EXIT.badInput))
try {
  await program.parseAsync()
} catch (error) {
  if (!(error instanceof CommandError)) throw error
  process.stderr.write(`lab: ${error.message}\n`)
  process.exitCode = error.exitCode
}
