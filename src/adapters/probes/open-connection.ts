/** Opens a new connection for a probe: what goes wrong until it stands ends the probe, and the phases are measured here. */
import { familyOf, isHostname } from '../../core/net/address.ts'
import { ProbeConnection, type ConnectionPlan, type ConnectionUser } from './probe-connection.ts'
import type { ProbeRun } from './probe-run.ts'

/** Hands the connection to `run` at once; calls `onReady`, which gives it a user, when it stands. Faults end the run. */
export function openConnection(
  run: ProbeRun,
  plan: ConnectionPlan,
  onReady: (connection: ProbeConnection) => void,
): void {
  const { target, sourceAddress } = plan
  const isName = isHostname(target.address)
  if (!isName && sourceAddress !== undefined && familyOf(sourceAddress) !== familyOf(target.address)) {
    const detail = `the source address ${sourceAddress} is of another family than ${target.address}`
    run.settle({ kind: 'local-error', detail })
    return
  }
  run.stage = isName ? 'name lookup' : 'connection'
  const startedAtMs = performance.now()
  try {
    const connection = new ProbeConnection(plan, decisiveUser(run))
    run.use(connection)
    if (isName)
      connection.onLookedUp(() => {
        run.stage = 'connection'
      })
    connection.onConnected(() => {
      run.phases.connectMs = performance.now() - startedAtMs
      run.stage = plan.tls === null ? 'reply' : 'TLS handshake'
      if (connection.isSelfConnected()) run.settle({ kind: 'failure', detail: 'connection refused' })
      else if (plan.tls === null) onReady(connection)
      else awaitHandshake(run, connection, onReady)
    })
  } catch (error) {
    run.fail(error)
  }
}

/** A new connection decides: its error, or its close (null), ends the probe. */
export function endLost(run: ProbeRun, error: unknown): void {
  if (error === null)
    run.settle({ kind: 'failure', detail: `connection closed, waiting for the ${run.stage}` })
  else run.fail(error)
}

/** Until somebody asks something on it. */
function decisiveUser(run: ProbeRun): ConnectionUser {
  return {
    onData: () => undefined,
    onEnd: () => undefined,
    onError: (error) => {
      endLost(run, error)
    },
    onClose: () => {
      endLost(run, null)
    },
  }
}

function awaitHandshake(
  run: ProbeRun,
  connection: ProbeConnection,
  onReady: (connection: ProbeConnection) => void,
): void {
  const startedAtMs = performance.now()
  connection.onSecured(() => {
    run.phases.tlsMs = performance.now() - startedAtMs
    run.stage = 'reply'
    onReady(connection)
  })
}
