/** One question to any DNS server, for those who ask seldom: tests, benches, the CLI. */
import type { DnsAnswer } from '../../ports/dns-server.ts'
import { DnsClient, type DnsTarget } from './dns-client.ts'
import type { Question } from './message.ts'

/** Never throws: no reply within `timeoutMs` is an outcome. */
export function askDns(target: DnsTarget, question: Question, timeoutMs?: number): Promise<DnsAnswer> {
  return new DnsClient(target).ask(question.name, question.type, timeoutMs === undefined ? {} : { timeoutMs })
}
