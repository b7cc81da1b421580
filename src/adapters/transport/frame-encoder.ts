/** Frames to bytes (frame-format.ts): once for all readers, whatever their number. */
import type { Frame, ReportedRegister } from '../../core/health/frame.ts'
import { ByteWriter } from './byte-writer.ts'
import { FLAG, FRAME_VERSION, LIMIT, STATES } from './frame-format.ts'
import type { NumberedFrame, NumberedRegister } from './frame-numbering.ts'
import { writeOutputs } from './probe-output-format.ts'

export interface FrameEncoding {
  /** For a reader that knows no numbers yet. */
  readonly reset: boolean
  /** With what the probes saw: for people, so only for those who ask. */
  readonly outputs: boolean
}

export function encodeFrame({ frame, registers, named }: NumberedFrame, encoding: FrameEncoding): Uint8Array {
  const writer = new ByteWriter()
  writeHead(writer, frame, encoding)
  writer.varint(named.length)
  for (const { id, register } of named) {
    writer.varint(id)
    writer.text(register.endpoint)
    writer.text(register.definition)
  }
  const runs = runsOf(registers)
  writer.varint(runs.length)
  for (const run of runs) writeRun(writer, run)
  if (encoding.outputs) for (const { register } of registers) writeOutputs(writer, register.output)
  return writer.finish()
}

function writeHead(writer: ByteWriter, frame: Frame, { reset, outputs }: FrameEncoding): void {
  writer.u8(FRAME_VERSION)
  writer.u8(
    (frame.fenced ? FLAG.fenced : 0) |
      (frame.snapshot ? FLAG.snapshot : 0) |
      (reset ? FLAG.reset : 0) |
      (frame.fenceReason === undefined ? 0 : FLAG.reason) |
      (outputs ? FLAG.outputs : 0) |
      (frame.gridMs === undefined ? 0 : FLAG.grid),
  )
  writer.text(frame.checker)
  writer.text(frame.site)
  writer.varint(frame.incarnation)
  writer.varint(frame.sequence)
  writer.varint(frame.revision)
  writer.f64(frame.loss)
  if (frame.fenceReason !== undefined) writer.text(clipped(frame.fenceReason, LIMIT.reasonBytes))
  if (frame.gridMs !== undefined) writer.varint(frame.gridMs)
}

/** Registers whose numbers follow each other. */
function runsOf(registers: readonly NumberedRegister[]): NumberedRegister[][] {
  const runs: NumberedRegister[][] = []
  let run: NumberedRegister[] = []
  for (const numbered of registers) {
    const last = run.at(-1)
    if (last === undefined || last.id + 1 !== numbered.id) {
      run = []
      runs.push(run)
    }
    run.push(numbered)
  }
  return runs
}

function writeRun(writer: ByteWriter, run: readonly NumberedRegister[]): void {
  const anyDegraded = run.some(({ register }) => register.degraded)
  writer.varint(run[0]?.id ?? 0)
  writer.varint(run.length * 2 + (anyDegraded ? 1 : 0))
  writePacked(writer, run, { bits: 2, value: (register) => STATES.indexOf(register.state) })
  if (anyDegraded) writePacked(writer, run, { bits: 1, value: (register) => (register.degraded ? 1 : 0) })
}

function writePacked(
  writer: ByteWriter,
  run: readonly NumberedRegister[],
  { bits, value }: { readonly bits: 1 | 2; readonly value: (register: ReportedRegister) => number },
): void {
  let byte = 0
  let used = 0
  for (const { register } of run) {
    byte |= value(register) << used
    used += bits
    if (used < 8) continue
    writer.u8(byte)
    byte = 0
    used = 0
  }
  if (used > 0) writer.u8(byte)
}

/** As much of the text as fits, at three bytes a UTF-16 unit, without half a character at its end. */
function clipped(text: string, maxBytes: number): string {
  return text.slice(0, Math.floor(maxBytes / 3)).toWellFormed()
}
