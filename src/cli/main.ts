/** The process behind `fairlead`: the only place of the command line that touches `process`. */
import { hostname, homedir } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { EXIT } from '../core/exit-code.ts'
import type { Io, Output } from './io.ts'
import { runCommandLine } from './run-command-line.ts'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
const reloadListeners = new Set<() => void>()
const interruptListeners = new Set<(signal: string) => void>()

function outputOf(stream: NodeJS.WriteStream): Output {
  return {
    write: (text) => {
      stream.write(text)
    },
    get isTerminal() {
      // Undefined, whatever the types say, where the stream is a pipe or a file.
      return (stream.isTTY as boolean | undefined) === true
    },
    get size() {
      return { columns: stream.columns || 80, rows: stream.rows || 24 }
    },
    onResize: (listener) => {
      stream.on('resize', listener)
      return () => stream.off('resize', listener)
    },
  }
}

const io: Io = {
  stdout: outputOf(process.stdout),
  stderr: outputOf(process.stderr),
  stdin: process.stdin,
  environment: process.env,
  workingDirectory: process.cwd(),
  homeDirectory: homedir(),
  hostName: hostname(),
  runtimeVersion: process.versions.node,
  now: () => Date.now(),
  delay: async (delayMs, signal) => {
    await sleep(delayMs, undefined, { signal }).catch((error: unknown) => {
      if (!signal.aborted) throw error
    })
  },
  onInterrupt: (listener) => {
    const onSignal = (signal: NodeJS.Signals): void => {
      if (signal !== 'SIGHUP' || reloadListeners.size === 0) listener(signal)
    }
    interruptListeners.add(listener)
    for (const signal of SIGNALS) process.on(signal, onSignal)
    return () => {
      interruptListeners.delete(listener)
      for (const signal of SIGNALS) process.off(signal, onSignal)
    }
  },
  onReload: (listener) => {
    reloadListeners.add(listener)
    process.on('SIGHUP', listener)
    return () => {
      reloadListeners.delete(listener)
      process.off('SIGHUP', listener)
    }
  },
  // The monitor comes before a fatal error is printed, so that its words are not lost with the alternate screen.
  onExit: (listener) => {
    process.on('exit', listener)
    process.on('uncaughtExceptionMonitor', listener)
    return () => {
      process.off('exit', listener)
      process.off('uncaughtExceptionMonitor', listener)
    }
  },
  setExitCode: (code) => {
    process.exitCode = code
  },
}

/**
 * The reader of our output has gone (`fairlead get pools | head -1`, a closed terminal): a command that is at work is asked to
 * end as by a signal; any other has nobody left to talk to.
 */
function onOutputGone(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error
  if (interruptListeners.size === 0) process.exit(EXIT.ok)
  for (const listener of [...interruptListeners]) listener('output gone')
}
process.stdout.on('error', onOutputGone)
process.stderr.on('error', onOutputGone)

await runCommandLine(process.argv.slice(2), io)
