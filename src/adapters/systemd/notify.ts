/**
 * Tells systemd that the service is ready or stopping (sd_notify(3)). Node has no datagram sockets on Unix paths, so systemd's own
 * `systemd-notify` carries the message; a unit needs NotifyAccess=all. Without NOTIFY_SOCKET nothing happens.
 */
import { spawn } from 'node:child_process'
import type { Logger } from 'pino'

export interface ServiceManager {
  notify(state: 'READY=1' | 'STOPPING=1'): void
  /** Says that the process is ready. The result says that it stops. */
  ready(): () => void
}

export function serviceManager(notifySocket: string | undefined, logger: Logger): ServiceManager {
  const notify: ServiceManager['notify'] = (state) => {
    if (notifySocket === undefined || notifySocket === '') return
    const child = spawn('systemd-notify', [`--pid=${process.pid}`, state], {
      env: { PATH: '/usr/bin:/bin', NOTIFY_SOCKET: notifySocket },
      stdio: 'ignore',
    })
    child.on('error', (error) => {
      logger.warn({ err: error }, 'systemd-notify could not be run')
    })
  }
  return {
    notify,
    ready: () => {
      notify('READY=1')
      return () => {
        notify('STOPPING=1')
      }
    },
  }
}
