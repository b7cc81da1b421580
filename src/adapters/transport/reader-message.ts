/** What a reader of frames says to a checker: a few bytes each. */
import { WireFault } from './wire-fault.ts'

export type ReaderMessage =
  /** Comes first; the frames begin after it. */
  | { readonly kind: 'hello'; readonly outputs: boolean }
  | { readonly kind: 'snapshot-request' }
  /** Said now and then, so that a checker knows a reader that is gone without a word. */
  | { readonly kind: 'alive' }

const VERSION = 1
const HELLO = 1
const SNAPSHOT_REQUEST = 2
const ALIVE = 3

/** Longer than any message, with room for what later versions say. */
export const MAX_READER_MESSAGE_BYTES = 64

export function encodeReaderMessage(message: ReaderMessage): Uint8Array {
  if (message.kind === 'hello') return Uint8Array.of(HELLO, VERSION, message.outputs ? 1 : 0)
  return Uint8Array.of(message.kind === 'alive' ? ALIVE : SNAPSHOT_REQUEST)
}

/** Throws WireFault. */
export function decodeReaderMessage(bytes: Uint8Array): ReaderMessage {
  const [kind, version, outputs] = bytes
  if (kind === HELLO && bytes.length === 3 && outputs !== undefined && outputs <= 1) {
    if (version !== VERSION)
      throw new WireFault(`readers of version ${version ?? 0} are not known here (known: ${VERSION})`)
    return { kind: 'hello', outputs: outputs === 1 }
  }
  if (kind === SNAPSHOT_REQUEST && bytes.length === 1) return { kind: 'snapshot-request' }
  if (kind === ALIVE && bytes.length === 1) return { kind: 'alive' }
  throw new WireFault('no message of a reader')
}
