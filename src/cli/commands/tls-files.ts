/** The certificate files that settings name, absolute; null: none of them, so that those of the data directory are meant. */
import { resolve } from 'node:path'
import type { Io } from '../io.ts'
import type { CommonSettings } from '../settings/process-settings.ts'

export function tlsFilesOf({ certificateFile, keyFile, caFile }: CommonSettings, io: Io) {
  if (certificateFile === undefined || keyFile === undefined || caFile === undefined) return null
  return {
    certificateFile: resolve(io.workingDirectory, certificateFile),
    keyFile: resolve(io.workingDirectory, keyFile),
    caFile: resolve(io.workingDirectory, caFile),
  }
}

/** All three, or none. */
export function tlsFaults(settings: CommonSettings): string[] {
  const keys = ['certificateFile', 'keyFile', 'caFile'] as const
  const missing = keys.filter((key) => settings[key] === undefined)
  if (missing.length === 0 || missing.length === keys.length) return []
  return [
    `${missing.join(' and ')} must be given too: all three, or none to use what join wrote into the data directory`,
  ]
}
