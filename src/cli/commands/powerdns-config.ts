/** `fairlead powerdns-config`: the configuration of a PowerDNS that the operator runs, and what its database needs. */
import { resolve } from 'node:path'
import { Option, type Command } from 'commander'
import { renderAttachSnippet } from '../../adapters/powerdns/config.ts'
import { renderNativeConfig } from '../../adapters/powerdns/native-config.ts'
import { nativeSchema, type NativeEngine } from '../../adapters/powerdns/native-schema.ts'
import { parsePostgresAddress } from '../../adapters/sql/postgres/postgres-address.ts'
import { CommandError, EXIT } from '../../core/exit-code.ts'
import { addNotes } from '../command-notes.ts'
import { runs, type CommonOptions } from '../invocation.ts'
import type { Io } from '../io.ts'

interface PowerdnsConfigOptions extends CommonOptions {
  readonly mode: 'local' | 'native'
  readonly database?: string
  readonly engine: NativeEngine
  readonly schema?: true
  readonly geoipDatabase?: string[]
}

export function addPowerdnsConfigCommand(program: Command, io: Io): void {
  const command = program
    .command('powerdns-config')
    .description('Print the settings for a PowerDNS that you run yourself')
    .addOption(
      new Option(
        '--mode <mode>',
        'local: beside an agent (fairlead up --attach-database); native: from a shared database (fairlead control --native-database)',
      )
        .choices(['local', 'native'])
        .default('local'),
    )
    .option(
      '--database <path|url>',
      'what Fairlead writes and PowerDNS reads: an SQLite database, or postgres://user@host:5432/database',
    )
    .addOption(
      new Option('--engine <engine>', 'of native mode: the database is PostgreSQL or CockroachDB')
        .choices(['postgres', 'cockroach'])
        .default('postgres'),
    )
    .option('--schema', 'of native mode: print the SQL of the tables instead')
    .option(
      '--geoip-database <path>',
      'database of locations (MMDB) that PowerDNS reads; repeat it for several',
      (path: string, paths: string[] | undefined) => [...(paths ?? []), path],
    )
    .action(
      runs<PowerdnsConfigOptions>(io, ({ options, print }) => {
        print([textOf(options, io).trimEnd()])
      }),
    )
  addNotes(command, {
    examples: [
      {
        line: 'fairlead powerdns-config --database /var/lib/powerdns/fairlead.db',
        meaning: 'lines for /etc/powerdns/pdns.d/fairlead.conf',
      },
      {
        line: "fairlead powerdns-config --mode native --database 'postgres://pdns@db1,db2/pdns'",
        meaning: 'the same for servers that share a database',
      },
      {
        line: 'fairlead powerdns-config --mode native --schema --engine cockroach',
        meaning: 'the tables of that database, for psql',
      },
    ],
    exitCodes: [EXIT.ok, EXIT.badInput],
  })
}

function textOf(options: PowerdnsConfigOptions, io: Io): string {
  const { mode, engine, schema, database } = options
  if (mode === 'native' && schema) return nativeSchema(engine)
  if (schema) throw new CommandError(EXIT.badInput, '--schema is for --mode native')
  if (database === undefined) throw new CommandError(EXIT.badInput, '--database is missing')
  const absolute = (path: string) => resolve(io.workingDirectory, path)
  const geoipDatabases = (options.geoipDatabase ?? []).map(absolute)
  if (mode === 'local') return renderAttachSnippet(absolute(database), geoipDatabases)
  const parsed = parsePostgresAddress(database, undefined, 'not here')
  if (parsed.kind === 'faults') throw new CommandError(EXIT.badInput, parsed.faults.join('\n'))
  return renderNativeConfig({
    ...{ engine, geoipDatabases },
    database: { ...parsed.address, tlsParameters: tlsParameters(database) },
  })
}

/** As the URL has them: PowerDNS reads them by libpq, whose names they are. */
function tlsParameters(url: string): string {
  const given = new URLSearchParams(url.split('?')[1] ?? '')
  const names = ['sslrootcert', 'sslcert', 'sslkey'].filter((name) => given.has(name))
  // Of libpq's string of parameters, which they end.
  const unfit = names.filter((name) => /[\s'"]|^$/.test(given.get(name) ?? ''))
  if (unfit.length > 0)
    throw new CommandError(EXIT.badInput, `${unfit.join(', ')}: a path without spaces and quotes is expected`)
  const mode = `sslmode=${given.get('sslmode') ?? 'verify-full'}`
  return [mode, ...names.map((name) => `${name}=${given.get(name) ?? ''}`)].join(' ')
}
