/** Resolves when the socket is closed, for whatever reason: for tests that only want it gone. */
import type { Socket } from 'node:net'

export function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.on('error', () => undefined)
    socket.once('close', () => {
      resolve()
    })
  })
}
