/**
 * What probes saw, within a frame: for each register
 *   varint count, then for each: text monitor; u8 outcome; u8 which of status and phases follow; [varint status]; f64 each; text detail.
 * Nothing decides on it; it is bounded like everything else.
 */
import type { ProbeOutput, ProbePhases } from '../../core/health/frame.ts'
import type { ByteReader } from './byte-reader.ts'
import type { ByteWriter } from './byte-writer.ts'
import { LIMIT } from './frame-format.ts'
import { WireFault } from './wire-fault.ts'

const OUTCOMES = ['success', 'failure', 'local-error'] as const
const HAS_STATUS = 8
const PHASES = ['connectMs', 'tlsMs', 'firstByteMs'] as const
const MAX_STATUS = 65_535

export function writeOutputs(writer: ByteWriter, outputs: readonly ProbeOutput[]): void {
  const written = outputs.slice(0, LIMIT.outputs)
  writer.varint(written.length)
  for (const output of written) {
    writer.text(output.monitor)
    writer.u8(OUTCOMES.indexOf(output.outcome))
    const present = PHASES.map((phase) => output.phases[phase])
    const mask = present.reduce<number>(
      (bits, value, index) => bits | (value === undefined ? 0 : 1 << index),
      0,
    )
    writer.u8(mask | (output.status === undefined ? 0 : HAS_STATUS))
    if (output.status !== undefined) writer.varint(output.status)
    for (const value of present) if (value !== undefined) writer.f64(value)
    writer.f64(output.phases.totalMs)
    writer.f64(output.atMs)
    writer.text(output.detail.slice(0, Math.floor(LIMIT.detailBytes / 3)).toWellFormed())
  }
}

export function readOutputs(reader: ByteReader): ProbeOutput[] {
  const count = reader.varint(LIMIT.outputs, 'the number of outputs')
  const outputs: ProbeOutput[] = []
  for (let index = 0; index < count; index += 1) outputs.push(readOutput(reader))
  return outputs
}

function readOutput(reader: ByteReader): ProbeOutput {
  const monitor = reader.text(LIMIT.nameBytes, 'the name of a monitor')
  const outcome = OUTCOMES[reader.u8()]
  if (outcome === undefined) throw new WireFault('an outcome that is not known')
  const mask = reader.u8()
  if (mask > 15) throw new WireFault('phases that are not known')
  const status = (mask & HAS_STATUS) === 0 ? undefined : reader.varint(MAX_STATUS, 'a status')
  const phases: { -readonly [P in keyof ProbePhases]: ProbePhases[P] } = { totalMs: 0 }
  for (const [index, phase] of PHASES.entries())
    if ((mask & (1 << index)) !== 0) phases[phase] = duration(reader)
  phases.totalMs = duration(reader)
  const atMs = reader.f64()
  if (!Number.isFinite(atMs)) throw new WireFault('a time that is no number')
  const detail = reader.text(LIMIT.detailBytes, 'the detail of an output')
  return { monitor, outcome, detail, ...(status === undefined ? {} : { status }), phases, atMs }
}

function duration(reader: ByteReader): number {
  const value = reader.f64()
  if (!(value >= 0 && value < Number.POSITIVE_INFINITY)) throw new WireFault('a duration that is none')
  return value
}
