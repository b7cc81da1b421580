/** `fairlead certificates` and `fairlead revoke`: who is a part of the cluster, and who is not any more. */
import type { Command } from 'commander'
import { EXIT } from '../../core/exit-code.ts'
import { pageSchema } from '../../core/views/page.ts'
import { certificateViewSchema, revocationViewSchema, type CertificateView } from '../../core/views/trust.ts'
import { addNotes } from '../command-notes.ts'
import { addConnectionOptions, addJsonOption, runs, type CommonOptions } from '../invocation.ts'
import type { Io } from '../io.ts'
import { renderTable } from '../output/table.ts'

const EXIT_CODES = [EXIT.ok, EXIT.failure, EXIT.badInput, EXIT.unreachable, EXIT.fileAccess, EXIT.denied]

interface RevokeOptions extends CommonOptions {
  readonly unknown?: boolean
}

export function addCertificatesCommand(program: Command, io: Io): void {
  const command = program
    .command('certificates')
    .description("Show the certificates that the cluster's authority gave, newest first")
  addConnectionOptions(addJsonOption(command)).action(
    runs<CommonOptions>(io, async ({ options, paint, connect, print, printJson }) => {
      const { items } = await connect().send({ path: 'v1/certificates' }, pageSchema(certificateViewSchema))
      if (options.json) printJson(items)
      else
        print(
          renderTable(
            ['SERIAL', 'IDENTITY', 'UNTIL', 'STATE'],
            items.map((one) => rowOf(one, io.now())),
            { paint, none: 'no certificates' },
          ),
        )
    }),
  )
  addNotes(command, {
    examples: [{ line: 'fairlead certificates', meaning: 'serials, identities, and which are revoked' }],
    exitCodes: EXIT_CODES,
  })
}

export function addRevokeCommand(program: Command, io: Io): void {
  const command = program
    .command('revoke')
    .description(
      'Revoke a certificate, or all of an identity: within a minute nobody in the cluster believes them',
    )
    .argument(
      '<which>',
      "a serial, as 'certificates' shows it, or an identity such as fairlead://checker/ams/ams-1, whose open join tokens end too",
    )
    .option('--unknown', 'also a serial of a certificate that was not made here')
  addConnectionOptions(addJsonOption(command)).action(
    runs<RevokeOptions>(io, async ({ options, connect, print, printJson }, which = '') => {
      // Older controls do not know the word, and take any serial.
      const body = { which, ...(options.unknown === true && { unknown: true }) }
      const request = { method: 'POST', path: 'v1/revocations', body } as const
      const { revoked, joinTokens } = await connect().send(request, revocationViewSchema)
      if (options.json) printJson(revoked)
      else
        print([
          ...revoked.map(({ serial, identity }) => `revoked    ${serial} ${identity || 'not made here'}`),
          ...(joinTokens > 0 ? [`ended      ${joinTokens} of its join tokens`] : []),
        ])
    }),
  )
  addNotes(command, {
    examples: [
      {
        line: 'fairlead revoke fairlead://checker/ams/ams-1',
        meaning: 'all its certificates; a new join token lets it come back',
      },
    ],
    exitCodes: EXIT_CODES,
  })
}

function rowOf({ serial, identity, notAfterMs, revokedAtMs }: CertificateView, nowMs: number): string[] {
  const state =
    revokedAtMs !== null
      ? `revoked ${new Date(revokedAtMs).toISOString()}`
      : notAfterMs < nowMs
        ? 'expired'
        : 'good'
  return [serial, identity, new Date(notAfterMs).toISOString(), state]
}
