/** `shell SITE`: a shell in the network of a site, of the clients or of the hosts of others. */
import { spawnSync } from 'node:child_process'
import { CommandError, EXIT, type ExitCode } from '../../src/core/exit-code.ts'
import { labId } from '../network/lab-id.ts'
import { upLab } from './up-lab.ts'

export async function labShell([place = '', ...command]: readonly string[]): Promise<ExitCode> {
  const id = upLab.need()
  const { sites } = await upLab.ask<'status'>({ kind: 'status' })
  const places = [...sites.flatMap(({ name }) => [name, `${name}-router`]), 'clients', 'internet', 'backbone']
  if (!places.includes(place)) throw new CommandError(EXIT.badInput, `name one of ${places.join(', ')}`)
  const words = command.length > 0 ? command : [process.env['SHELL'] ?? '/bin/sh']
  const { status } = spawnSync('ip', ['netns', 'exec', labId.namespace(id, place), ...words], {
    stdio: 'inherit',
  })
  return status === 0 ? EXIT.ok : EXIT.failure
}
