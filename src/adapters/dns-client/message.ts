/**
 * One DNS question to bytes and its reply from bytes: a strict wrapper over dns-packet, which by itself accepts trailing bytes
 * and replies to other questions (RFC 1035 4.1, RFC 5452 4.2 and 9.1).
 */
import { decode, encode, type Answer, type Packet, type StringAnswer } from 'dns-packet'
import type { RecordType } from '../../core/dns/record-set.ts'
import { recordText } from './record-text.ts'

export interface Question {
  /** Without trailing dot. */
  readonly name: string
  readonly type: RecordType | 'SOA' | 'DNSKEY' | 'ANY'
}

export interface QueryOptions {
  /** EDNS client subnet (RFC 7871): sent with its whole length as source prefix. */
  /** Asks for signatures too (RFC 3225). */
  readonly dnssecOk?: boolean
  readonly clientSubnet?: { readonly address: string; readonly prefixLength: number }
}

export interface DnsReply {
  /** NOERROR, NXDOMAIN, SERVFAIL, REFUSED... */
  readonly rcode: string
  readonly authoritative: boolean
  readonly truncated: boolean
  /** Answer records of the asked type and name chain, in the order received. */
  readonly answers: readonly { readonly name: string; readonly type: string; readonly text: string | null }[]
  readonly authorityTypes: readonly string[]
  /** Of the answer records of the asked type; null when there are none. */
  readonly ttlSec: number | null
}

export type ParsedReply =
  | { readonly kind: 'reply'; readonly reply: DnsReply }
  /** Not a reply to this question: to be ignored, as a forged one would be. */
  | { readonly kind: 'foreign'; readonly detail: string }

const UDP_PAYLOAD_BYTES = 1_232

/** What dns-packet calls the types that it does not know, by their numbers (RFC 9460 14.1). */
const NUMBERED: ReadonlyMap<string, string> = new Map([
  ['UNKNOWN_64', 'SVCB'],
  ['UNKNOWN_65', 'HTTPS'],
])

function wireType(type: Question['type']): string {
  if (type === 'SVCB') return 'UNKNOWN_64'
  return type === 'HTTPS' ? 'UNKNOWN_65' : type
}

/** `id` is 0 to 65535. */
export function encodeQuestion(id: number, question: Question, options: QueryOptions = {}): Buffer {
  const { clientSubnet, dnssecOk = false } = options
  const subnet = clientSubnet && {
    code: 'CLIENT_SUBNET' as const,
    family: clientSubnet.address.includes(':') ? 2 : 1,
    sourcePrefixLength: clientSubnet.prefixLength,
    scopePrefixLength: 0,
    ip: clientSubnet.address,
  }
  return encode({
    type: 'query',
    id,
    flags: 0,
    // Its typings leave out ANY, and types that it has no word for.
    questions: [{ name: question.name, type: wireType(question.type) as 'A', class: 'IN' }],
    additionals: [
      {
        type: 'OPT',
        name: '.',
        udpPayloadSize: UDP_PAYLOAD_BYTES,
        extendedRcode: 0,
        ednsVersion: 0,
        flags: dnssecOk ? 0x8000 : 0,
        flag_do: dnssecOk,
        options: subnet === undefined ? [] : [subnet as never],
      },
    ],
  })
}

/** Checks id, QR, the question, and that nothing follows the message. Never throws. */
export function parseReply(bytes: Buffer, id: number, question: Question): ParsedReply {
  const foreign = (detail: string): ParsedReply => ({ kind: 'foreign', detail })
  if (bytes.length < 12) return foreign('shorter than a DNS header')
  if (bytes.readUInt16BE(0) !== id) return foreign('another id')
  let packet: Packet & { rcode?: string; flag_aa?: boolean; flag_tc?: boolean }
  try {
    packet = decode(bytes)
  } catch (error) {
    return foreign(`malformed: ${error instanceof Error ? error.message : String(error)}`)
  }
  if (packet.type !== 'response') return foreign('not a response')
  if (decode.bytes !== bytes.length) return foreign('bytes after the message')
  const [asked] = packet.questions ?? []
  if (asked?.name.toLowerCase() !== question.name || asked.type !== wireType(question.type))
    return foreign('another question')
  return { kind: 'reply', reply: replyOf(packet, question) }
}

function replyOf(
  packet: Packet & { rcode?: string; flag_aa?: boolean; flag_tc?: boolean },
  question: Question,
): DnsReply {
  const records: Answer[] = packet.answers ?? []
  const ofType = records.find((record): record is StringAnswer => record.type === wireType(question.type))
  return {
    rcode: packet.rcode ?? 'NOERROR',
    authoritative: packet.flag_aa === true,
    truncated: packet.flag_tc === true,
    answers: records.map((record) => ({
      name: record.name.toLowerCase(),
      type: NUMBERED.get(record.type) ?? record.type,
      text: recordText(record),
    })),
    authorityTypes: (packet.authorities ?? []).map((record) => record.type),
    ttlSec: ofType?.ttl ?? null,
  }
}
