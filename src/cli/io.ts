/**
 * The outside world as a command sees it: streams, environment, time, signals. main.ts makes the real one.
 * What must stay true: no command reads `process` by itself, so that every command runs in a test as it runs in a shell.
 */
import type { ExitCode } from '../core/exit-code.ts'

export interface Output {
  write(text: string): void
  /** Colour, tables that use the width and the live view only where this is true. */
  readonly isTerminal: boolean
  /** Size at this moment; 80 x 24 where there is no terminal. */
  readonly size: TerminalSize
  /** Calls back after each change of size. The result ends it. */
  onResize(listener: () => void): () => void
}

export interface TerminalSize {
  readonly columns: number
  readonly rows: number
}

export interface Io {
  readonly stdout: Output
  readonly stderr: Output
  readonly stdin: AsyncIterable<Uint8Array>
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Absolute path. */
  readonly workingDirectory: string
  readonly homeDirectory: string
  readonly hostName: string
  /** Of node, such as 24.21.0. */
  readonly runtimeVersion: string
  /** Milliseconds since the epoch. */
  now(): number
  /** Resolves after `delayMs`, or at once when the signal aborts. */
  delay(delayMs: number, signal: AbortSignal): Promise<void>
  /** Calls back on SIGINT, SIGTERM and SIGHUP. The result ends it, and the signals kill again. */
  onInterrupt(listener: (signal: string) => void): () => void
  /** Calls back on SIGHUP, which then is no interrupt: for services, which read their files again. The result ends it. */
  onReload(listener: () => void): () => void
  /** Calls back right before the process ends, however it does (not by kill -9). The result ends it. */
  onExit(listener: () => void): () => void
  /** What the process ends with when the command is done; EXIT.ok if never called. */
  setExitCode(code: ExitCode): void
}
