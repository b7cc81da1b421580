/** Lets a server of this process listen, or says in one sentence why it cannot. */
import type { Server } from 'node:net'
import { CommandError, EXIT } from '../../core/exit-code.ts'

/** Throws CommandError when the address cannot be had. `what` is served there, in words: 'frames'. */
export async function listenAt(
  server: Server,
  { host, port }: { readonly host: string; readonly port: number },
  what: string,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>()
  server.once('error', reject)
  server.listen({ host, port }, () => {
    resolve(undefined)
  })
  try {
    await promise
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    const inUse = cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE'
    const exitCode = inUse ? EXIT.portInUse : EXIT.badInput
    throw new CommandError(exitCode, `${what} cannot be served on ${host}:${port}: ${reason}`, { cause })
  }
}
