/** The outside world of a command that is only described, never run: no terminal, no environment, no time. */
import type { Io, Output } from '../../src/cli/io.ts'

const nowhere: Output = {
  write: () => undefined,
  isTerminal: false,
  size: { columns: 100, rows: 24 },
  onResize: () => () => undefined,
}

export const documentationIo: Io = {
  stdout: nowhere,
  stderr: nowhere,
  stdin: (async function* () {
    /* nothing to read */
  })(),
  environment: {},
  workingDirectory: '/',
  homeDirectory: '/',
  hostName: 'localhost',
  runtimeVersion: process.versions.node,
  now: () => 0,
  delay: () => Promise.resolve(),
  onInterrupt: () => () => undefined,
  onReload: () => () => undefined,
  onExit: () => () => undefined,
  setExitCode: () => undefined,
}
