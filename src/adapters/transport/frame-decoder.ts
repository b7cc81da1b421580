/**
 * Bytes to frames (frame-format.ts), for one connection: it keeps the numbers that the checker gave to its endpoints.
 * What must stay true: any bytes come to a frame or to a WireFault; of a bad frame nothing is kept; what is made out of a
 * message is bounded by its length and by LIMIT, never by a number that stands in it.
 */
import type { Frame, ReportedRegister } from '../../core/health/frame.ts'
import { ByteReader } from './byte-reader.ts'
import { ALL_FLAGS, FLAG, FRAME_VERSION, LIMIT, STATES } from './frame-format.ts'
import { Named, NamePool } from './name-pool.ts'
import { readOutputs } from './probe-output-format.ts'
import { WireFault } from './wire-fault.ts'

interface Head extends Omit<Frame, 'registers'> {
  readonly reset: boolean
  readonly outputs: boolean
}

export class FrameDecoder {
  readonly #pool: NamePool
  /** By number, which are dense; null before the first whole frame. */
  #named: (Named | undefined)[] | null = null

  /** Decoders of one reader share a pool. */
  constructor(pool = new NamePool()) {
    this.#pool = pool
  }

  /** Throws WireFault; then the connection is worth nothing any more, and the decoder is as it was. */
  decode(message: Uint8Array): Frame {
    const reader = new ByteReader(message)
    const { reset, outputs, ...head } = readHead(reader)
    const before = reset ? [] : this.#named
    if (before === null) throw new WireFault('the first frame of a connection must be a whole one')
    const names = readNames(reader)
    const present: (Named | undefined)[] | null = head.snapshot ? [] : null
    const plain = readStates(reader, (id) => {
      const named = names.get(id) ?? before[id]
      if (present !== null) present[id] = named
      return named
    })
    const registers = outputs
      ? plain.map((register) => ({ ...register, output: readOutputs(reader) }))
      : plain
    reader.end()
    // Nothing below can fail: the frame is good.
    if (present !== null) this.#named = present.map((named) => named && this.#pool.share(named))
    else for (const [id, named] of names) before[id] = this.#pool.share(named)
    return { ...head, registers }
  }
}

function readHead(reader: ByteReader): Head {
  const version = reader.u8()
  if (version !== FRAME_VERSION)
    throw new WireFault(`frames of version ${version} are not known here (known: ${FRAME_VERSION})`)
  const flags = reader.u8()
  if (flags > ALL_FLAGS) throw new WireFault('flags that are not known')
  const has = (flag: number) => (flags & flag) !== 0
  const checker = reader.text(LIMIT.nameBytes, 'the name of the checker')
  const site = reader.text(LIMIT.nameBytes, 'the name of the site')
  const number = (what: string) => reader.varint(Number.MAX_SAFE_INTEGER, what)
  const incarnation = number('the incarnation')
  const sequence = number('the sequence')
  const revision = number('the revision')
  const loss = reader.f64()
  if (!(loss >= 0 && loss <= 1)) throw new WireFault('a loss that is not between 0 and 1')
  if (sequence === 0) throw new WireFault('sequences begin with 1')
  if (has(FLAG.reset) && !has(FLAG.snapshot)) throw new WireFault('only a snapshot makes a beginning')
  const reason = has(FLAG.reason) ? reader.text(LIMIT.reasonBytes, 'the reason of the fence') : undefined
  const gridMs = has(FLAG.grid) ? number('the time of the grid') : undefined
  return {
    ...{ checker, site, incarnation, sequence, revision, loss },
    fenced: has(FLAG.fenced),
    ...(reason === undefined ? {} : { fenceReason: reason }),
    ...(gridMs === undefined ? {} : { gridMs }),
    snapshot: has(FLAG.snapshot),
    reset: has(FLAG.reset),
    outputs: has(FLAG.outputs),
  }
}

function readNames(reader: ByteReader): Map<number, Named> {
  const count = reader.varint(LIMIT.endpoints, 'the number of names')
  const names = new Map<number, Named>()
  for (let index = 0; index < count; index += 1) {
    const id = reader.varint(LIMIT.endpoints - 1, 'the number of an endpoint')
    const endpoint = reader.text(LIMIT.nameBytes, 'the name of an endpoint')
    const definition = reader.text(LIMIT.nameBytes, 'a definition')
    if (names.has(id)) throw new WireFault('a number that is given twice')
    names.set(id, new Named(endpoint, definition))
  }
  return names
}

/** Numbers only grow in a frame, so that no register comes twice and their count is bounded by that of the names. */
function readStates(
  reader: ByteReader,
  nameOf: (id: number) => Named | undefined,
): readonly ReportedRegister[] {
  const runs = reader.varint(LIMIT.endpoints, 'the number of runs')
  const registers: ReportedRegister[] = []
  let next = 0
  for (let run = 0; run < runs; run += 1) {
    const first = reader.varint(LIMIT.endpoints - 1, 'the number of an endpoint')
    if (first < next) throw new WireFault('numbers that do not grow')
    const packed = reader.varint(LIMIT.endpoints * 2 + 1, 'the length of a run')
    const count = Math.floor(packed / 2)
    const states = reader.take(Math.ceil(count / 4))
    const degraded = packed % 2 === 1 ? reader.take(Math.ceil(count / 8)) : null
    for (let index = 0; index < count; index += 1) {
      const named = nameOf(first + index)
      if (named === undefined) throw new WireFault('a number without a name')
      const state = STATES[((states[index >> 2] ?? 0) >> ((index & 3) * 2)) & 3] ?? 'unknown'
      const isDegraded = degraded !== null && (((degraded[index >> 3] ?? 0) >> (index & 7)) & 1) === 1
      registers.push(named.register(state, isDegraded))
    }
    next = first + count
  }
  return registers
}
