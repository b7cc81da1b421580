/** An Io for tests: captured output, given environment and files, real time. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { ExitCode } from '../../core/exit-code.ts'
import type { Io, Output, TerminalSize } from '../io.ts'

export interface FakeOutput extends Output {
  text: string
  isTerminal: boolean
  size: TerminalSize
  resize(size: TerminalSize): void
}

export interface FakeIo extends Io {
  readonly stdout: FakeOutput
  readonly stderr: FakeOutput
  exitCode: ExitCode
  interrupt(): void
  hangUp(): void
  exit(): void
}

export function fakeIo(
  overrides: Partial<Pick<Io, 'environment' | 'workingDirectory' | 'homeDirectory' | 'stdin'>> = {},
): FakeIo {
  const interruptListeners = new Set<(signal: string) => void>()
  const reloadListeners = new Set<() => void>()
  const exitListeners = new Set<() => void>()
  return {
    stdout: fakeOutput(),
    stderr: fakeOutput(),
    stdin: textStream(''),
    environment: {},
    workingDirectory: '/nowhere',
    homeDirectory: '/nowhere/home',
    hostName: 'Test-Host.example',
    runtimeVersion: process.versions.node,
    now: () => Date.now(),
    delay: async (delayMs, signal) => {
      await sleep(delayMs, undefined, { signal }).catch((error: unknown) => {
        if (!signal.aborted) throw error
      })
    },
    onInterrupt: (listener) => {
      interruptListeners.add(listener)
      return () => interruptListeners.delete(listener)
    },
    onReload: (listener) => {
      reloadListeners.add(listener)
      return () => reloadListeners.delete(listener)
    },
    onExit: (listener) => {
      exitListeners.add(listener)
      return () => exitListeners.delete(listener)
    },
    exitCode: 0,
    setExitCode(code) {
      this.exitCode = code
    },
    interrupt: () => {
      for (const listener of [...interruptListeners]) listener('SIGINT')
    },
    hangUp: () => {
      for (const listener of [...reloadListeners]) listener()
    },
    exit: () => {
      for (const listener of [...exitListeners]) listener()
    },
    ...overrides,
  }
}

export async function* textStream(text: string): AsyncGenerator<Uint8Array> {
  await Promise.resolve()
  yield new TextEncoder().encode(text)
}

function fakeOutput(): FakeOutput {
  const listeners = new Set<() => void>()
  return {
    text: '',
    isTerminal: false,
    size: { columns: 80, rows: 24 },
    write(text) {
      this.text += text
    },
    onResize: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    resize(size) {
      this.size = size
      for (const listener of listeners) listener()
    },
  }
}
