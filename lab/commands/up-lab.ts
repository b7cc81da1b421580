/**
 * The lab that is up: found by the socket in its folder, asked by one JSON line, which it answers with one. What must stay true: only
 * what this user has made is taken for a lab, because its name says which process `down` ends.
 */
import { once } from 'node:events'
import { connect } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { CommandError, EXIT } from '../../src/core/exit-code.ts'
import type { FaultResult } from '../matrix/run-fault.ts'
import { isOurs } from '../network/is-ours.ts'
import { labId } from '../network/lab-id.ts'
import { labs } from '../network/remove-labs.ts'
import { requireRoot } from './require-lab-tools.ts'
import type { LabStatus } from './status-of.ts'

export interface Orders {
  readonly status: { readonly order: { readonly kind: 'status' }; readonly reply: LabStatus }
  readonly fault: {
    readonly order: { readonly kind: 'fault'; readonly name: string }
    readonly reply: FaultResult
  }
}

export const upLab = {
  socketPath: (id: string): string => join(labId.folder(id), 'orders.sock'),

  /** null where none is up. */
  find: (): string | null =>
    [...labs()].find((id) => labId.isAlive(id) && isOurs(labId.folder(id)) && isOurs(upLab.socketPath(id))) ??
    null,

  need: (): string => {
    requireRoot()
    const id = upLab.find()
    if (id === null) throw new CommandError(EXIT.unreachable, 'no lab is up: npm run lab -- up')
    return id
  },

  ask: async <K extends keyof Orders>(order: Orders[K]['order']): Promise<Orders[K]['reply']> => {
    const said = await toldBy(upLab.socketPath(upLab.need()), order)
    const { reply, error = 'the lab gave no reply' } = JSON.parse(said) as {
      readonly reply?: Orders[K]['reply']
      readonly error?: string
    }
    if (reply === undefined) throw new CommandError(EXIT.failure, error)
    return reply
  },
}

/** One line of JSON. Throws CommandError where the lab ends before it has answered. */
async function toldBy(socketPath: string, order: object): Promise<string> {
  try {
    const connection = connect(socketPath)
    await once(connection, 'connect')
    connection.write(`${JSON.stringify(order)}\n`)
    const said = await text(connection)
    if (said !== '') return said
  } catch (cause) {
    throw new CommandError(EXIT.unreachable, 'the lab does not answer: npm run lab -- down', { cause })
  }
  throw new CommandError(EXIT.unreachable, 'the lab has ended before it answered')
}
