/** `fairlead audit`: who changed what, from where, and what was denied. */
import type { Command } from 'commander'
import { CommandError, EXIT } from '../../core/exit-code.ts'
import { auditEntrySchema, type AuditEntryView } from '../../core/views/audit.ts'
import { pageSchema } from '../../core/views/page.ts'
import type { ApiClient } from '../api/api-client.ts'
import { addNotes } from '../command-notes.ts'
import { addConnectionOptions, addJsonOption, runs, type CommonOptions } from '../invocation.ts'
import type { Io } from '../io.ts'
import { renderTable } from '../output/table.ts'
import { parseSince } from '../parse-since.ts'
import { wordOfKind } from '../resource-word.ts'

interface AuditOptions extends CommonOptions {
  readonly since?: string
  readonly limit: string
  readonly denied?: boolean
  readonly jsonLines?: boolean
}

const PAGE = 500
const HEADER = ['TIME', 'WHO', 'FROM', 'WHAT', 'OUTCOME', 'REVISION', 'WHY']

export function addAuditCommand(program: Command, io: Io): void {
  const command = program
    .command('audit')
    .description('Show who changed what, from where, and which attempts were denied, oldest first')
    .option('--since <time>', 'all from 2026-11-26T12:00:00Z, or from 30m, 6h, 7d ago, on')
    .option('--limit <number>', 'without --since: the last so many', '50')
    .option('--denied', 'only what was denied: the last so many of it')
    .option('--json-lines', 'print one JSON value a line, as it comes: for export')
  addConnectionOptions(addJsonOption(command)).action(
    runs<AuditOptions>(io, async ({ options, connect, paint, print, printJson }) => {
      const shown: AuditEntryView[] = []
      for await (const entries of pagesOf(connect(), options, io.now())) {
        if (options.jsonLines) for (const entry of entries) io.stdout.write(`${JSON.stringify(entry)}\n`)
        else shown.push(...entries)
      }
      if (options.jsonLines) return
      if (options.json) printJson(shown)
      else print(renderTable(HEADER, shown.map(rowOf), { paint, none: 'no entries' }))
    }),
  )
  addNotes(command, {
    examples: [
      { line: 'fairlead audit', meaning: 'the last changes and denied attempts' },
      { line: 'fairlead audit --since 24h --denied', meaning: 'who was turned away since yesterday' },
      { line: 'fairlead audit --since 2026-01-01 --json-lines > audit.jsonl', meaning: 'all of this year' },
    ],
    exitCodes: [EXIT.ok, EXIT.failure, EXIT.badInput, EXIT.unreachable, EXIT.fileAccess, EXIT.denied],
  })
}

async function* pagesOf(
  client: ApiClient,
  { since, limit, denied }: AuditOptions,
  nowMs: number,
): AsyncGenerator<readonly AuditEntryView[]> {
  const schema = pageSchema(auditEntrySchema)
  const kind = denied ? { outcome: 'denied' } : {}
  if (since === undefined) {
    if (!/^[1-9]\d{0,2}$/.test(limit) || Number(limit) > PAGE)
      throw new CommandError(EXIT.badInput, `--limit takes a whole number from 1 to ${PAGE}, not '${limit}'`)
    yield (await client.send({ path: 'v1/audit', query: { limit, ...kind } }, schema)).items
    return
  }
  const all = { limit: String(PAGE), ...kind }
  let query: Record<string, string> = { sinceMs: String(parseSince(since, nowMs)), ...all }
  for (;;) {
    const { items, next } = await client.send({ path: 'v1/audit', query }, schema)
    yield items
    if (next === null) return
    query = { after: next, ...all }
  }
}

function rowOf(entry: AuditEntryView): string[] {
  const { atMs, actor, from, action, outcome, revision, detail, changes, changeCount, times } = entry
  const touched = changes.slice(0, 3).map(({ op, kind, key }) => `${op} ${wordOfKind(kind)} ${key}`)
  const more = changeCount > touched.length ? [`and ${changeCount - touched.length} more`] : []
  const resources = [...touched, ...more].join(', ')
  // What was proposed, or rejected, has changed nothing.
  const what = changeCount === 0 ? action : action === 'change' ? resources : `${action}: ${resources}`
  return [
    new Date(atMs).toISOString(),
    actor,
    from,
    what,
    times === 1 ? outcome : `${outcome} ${times} times`,
    revision === null ? '' : String(revision),
    detail,
  ]
}
