/** The paths of the certificate files, absolute. */
import { resolve } from 'node:path'
import type { Io } from '../io.ts'
import type { CommonSettings } from '../settings/process-settings.ts'

export function tlsFilesOf({ certificateFile, keyFile, caFile }: CommonSettings, io: Io) {
  return {
    certificateFile: resolve(io.workingDirectory, certificateFile),
    keyFile: resolve(io.workingDirectory, keyFile),
    caFile: resolve(io.workingDirectory, caFile),
  }
}
