/**
 * Draws frames on a terminal without flicker: alternate screen, hidden cursor, one write a frame.
 * What must stay true: however the process ends (but kill -9), the terminal is as it was before.
 */
import type { Io } from '../io.ts'

const ESC = '\u001b['
/** Alternate screen on, cursor hidden, no wrapping at the right edge. */
const ENTER = `${ESC}?1049h${ESC}?25l${ESC}?7l`
const LEAVE = `${ESC}?7h${ESC}?25h${ESC}?1049l`
/** Synchronized update: terminals that know it show a frame at once, others ignore it. */
const BEGIN = `${ESC}?2026h${ESC}H`
const END = `${ESC}J${ESC}?2026l`
const CLEAR_TO_EDGE = `${ESC}K`

export interface Terminal {
  draw(lines: readonly string[]): void
  /** Puts the terminal back. Safe to call twice. */
  close(): void
}

export function openTerminal(io: Io): Terminal {
  let isOpen = true
  const close = () => {
    if (!isOpen) return
    isOpen = false
    forget()
    io.stdout.write(LEAVE)
  }
  const forget = io.onExit(close)
  io.stdout.write(ENTER)
  return {
    draw: (lines) => {
      if (isOpen) io.stdout.write(BEGIN + lines.map((line) => line + CLEAR_TO_EDGE).join('\r\n') + END)
    },
    close,
  }
}
