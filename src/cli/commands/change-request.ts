/**
 * What apply and diff send: the files as one change set, all or nothing, and the way back from the server's faults to the files.
 */
import { SETTINGS_KEY } from '../../core/model/settings.ts'
import { CommandError, EXIT } from '../../core/exit-code.ts'
import { changesOfDocument, documentSchema, type Document } from '../../core/model/document.ts'
import { pointerTo } from '../../core/model/fault.ts'
import { endpointKey } from '../../core/model/resource.ts'
import { changeOutcomeSchema, type ChangeOutcome, type ChangeRequest } from '../../core/views/change-set.ts'
import { RefusedError, type ApiClient } from '../api/api-client.ts'
import { InputFaultsError } from '../files/input-faults-error.ts'
import type { LoadedFiles } from '../files/load-files.ts'
import { segmentsOf } from '../files/locate-pointer.ts'

export interface ChangeRequestOptions {
  readonly dryRun: boolean
  /** Delete what is on the server and not in the files. */
  readonly prune: boolean
  /** Also a drain that leaves a load balancer without any eligible endpoint. */
  readonly force: boolean
  readonly message: string
  /** More of it. */
  readonly query?: Readonly<Record<string, string>>
}

/** null when there is nothing to send. Throws InputFaultsError for what the server finds wrong with the files. */
export async function sendFiles(
  client: ApiClient,
  files: LoadedFiles,
  options: ChangeRequestOptions,
): Promise<ChangeOutcome> {
  const puts = changesOfDocument(files.document)
  if (puts.length === 0)
    throw new CommandError(
      EXIT.badInput,
      options.prune
        ? 'the files hold no resource, so --prune would delete everything: delete what is meant by name'
        : 'the files hold no resource',
    )
  const changes = options.prune ? [...puts, ...(await deletionsFor(client, files.document))] : puts
  const { message } = options
  try {
    return await client.send(
      {
        method: 'POST',
        path: 'v1/change-sets',
        query: {
          ...(options.dryRun && { dryRun: 'true' }),
          ...(options.force && { force: 'true' }),
          ...options.query,
        },
        body: { message, changes },
      },
      changeOutcomeSchema,
    )
  } catch (error) {
    throw error instanceof RefusedError ? placedFaults(error, changes, files) : error
  }
}

/**
 * Overrides, drains and settings are an operator's at the API, rules and protections guard against what is in files: files that do
 * not name them say nothing about them.
 */
type PrunedList = Exclude<keyof Document, 'settings' | 'overrides' | 'drains' | 'rules' | 'protections'>

async function deletionsFor(client: ApiClient, wanted: Document): Promise<ChangeRequest[]> {
  const there = await client.send({ path: 'v1/export' }, documentSchema)
  const deletions = (kind: ChangeRequest['kind'], list: PrunedList): ChangeRequest[] => {
    const kept = new Set(wanted[list].map((spec) => spec.name))
    return there[list]
      .filter((spec) => !kept.has(spec.name))
      .map((spec) => ({ op: 'delete', kind, name: spec.name }) as const)
  }
  return [
    ...deletions('loadBalancer', 'loadBalancers'),
    ...deletions('clientMap', 'clientMaps'),
    ...deletions('pool', 'pools'),
    ...deletions('monitor', 'monitors'),
    ...deletions('zone', 'zones'),
    ...deletions('site', 'sites'),
  ]
}

/** `/changes/N/spec/...` becomes a place in a file; if any fault has none, the server's words stand as they are. */
export function placedFaults(
  error: RefusedError,
  changes: readonly ChangeRequest[],
  files: LoadedFiles,
): Error {
  const faults = error.faults.map((fault) => {
    const [root, index, field, ...rest] = segmentsOf(fault.pointer)
    const change = root === 'changes' ? changes[Number(index)] : undefined
    if (change?.op !== 'put' || (field !== undefined && field !== 'spec')) return null
    const { name = SETTINGS_KEY } = change.spec
    const key = change.kind === 'endpoint' ? endpointKey(change.pool, name) : name
    return files.locate({ kind: change.kind, key }, { ...fault, pointer: pointerTo('', ...rest) })
  })
  const located = faults.filter((fault) => fault !== null)
  if (located.length === 0 || located.length < faults.length) return error
  return new InputFaultsError(located, { cause: error })
}
