/** The file of the setting oidcFile. What must stay true: all of its faults are told at once, each with line, column and mend. */
import { CommandError, EXIT } from '../../core/exit-code.ts'
import { loginRulesSchema, type LoginRules } from '../../core/access/login-rules.ts'
import { faultsOfZodError } from '../../core/model/zod-faults.ts'
import { InputFaultsError } from '../files/input-faults-error.ts'
import { withHint } from '../files/with-hint.ts'
import { parseSource } from '../files/parse-source.ts'
import { readSources } from '../files/read-sources.ts'
import type { Io } from '../io.ts'

/** Throws CommandError, InputFaultsError for what stands in the file. */
export async function readLoginRules(path: string, io: Io): Promise<LoginRules> {
  const [source] = await readSources([path], io)
  const { documents, faults } = source === undefined ? { documents: [], faults: [] } : parseSource(source)
  if (faults.length > 0) throw new InputFaultsError(faults)
  const [document, second] = documents
  if (document === undefined)
    throw new CommandError(EXIT.badInput, `${path} is empty: issuer, clientId and mappings are expected`)
  if (second !== undefined)
    throw new InputFaultsError([
      second.locate({ pointer: '', message: 'a second document: one is expected' }),
    ])
  const parsed = loginRulesSchema.safeParse(document.value)
  if (parsed.success) return parsed.data
  const found = faultsOfZodError(parsed.error, loginRulesSchema).map((fault) =>
    document.locate(withHint(fault, document.value)),
  )
  throw new InputFaultsError(found.sort((a, b) => a.line - b.line || a.column - b.column))
}
