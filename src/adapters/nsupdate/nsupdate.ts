/**
 * One dynamic update (RFC 2136), sent by ISC's nsupdate: a process an update, told on its standard input, so that no key stands in a
 * list of processes.
 * What must stay true: nothing reaches it as a line but names, types and data that were checked; a refusal is told apart from a
 * server that does not answer.
 */
import { spawn } from 'node:child_process'
import type { DynamicUpdate, Prerequisite, UpdateOutcome } from '../../ports/dynamic-update.ts'

const TIMEOUT_MS = 10_000

/** Never rejects. */
export function sendUpdate(update: DynamicUpdate): Promise<UpdateOutcome> {
  const { promise, resolve } = Promise.withResolvers<UpdateOutcome>()
  const child = spawn('nsupdate', ['-t', '5', '-u', '3', '-r', '1'], {
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let said = ''
  const timer = setTimeout(() => {
    child.kill('SIGKILL')
  }, TIMEOUT_MS)
  const finish = (outcome: UpdateOutcome) => {
    clearTimeout(timer)
    resolve(outcome)
  }
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
  child.on('error', (error: NodeJS.ErrnoException) => {
    const missing = error.code === 'ENOENT' ? ': install the Debian package bind9-dnsutils' : ''
    finish({ kind: 'failed', detail: `nsupdate cannot be run (${error.message})${missing}` })
  })
  child.on('close', (code, signal) => {
    finish(outcomeOf(said.trim(), code ?? signal))
  })
  // It may have ended before it has read everything: its exit says why.
  child.stdin.on('error', () => undefined)
  child.stdin.end(updateText(update))
  return promise
}

/** Throws TypeError on anything that could become a line of its own. */
export function updateText({ server, zone, key, prerequisites, deletes, adds }: DynamicUpdate): string {
  return [
    `server ${word(server.address)} ${server.port}`,
    `zone ${word(zone)}.`,
    `key ${word(key.algorithm)}:${word(key.name)} ${word(key.secret)}`,
    ...prerequisites.flatMap(prerequisiteLines),
    ...deletes.map(({ name, type }) => `update delete ${word(name)}. ${word(type)}`),
    ...adds.map(
      ({ name, type, ttlSec, data }) => `update add ${word(name)}. ${ttlSec} ${word(type)} ${dataText(data)}`,
    ),
    'send',
    '',
  ].join('\n')
}

function prerequisiteLines(prerequisite: Prerequisite): string[] {
  const name = word(prerequisite.name)
  switch (prerequisite.kind) {
    case 'is':
      return prerequisite.data.map(
        (data) => `prereq yxrrset ${name}. ${word(prerequisite.type)} ${dataText(data)}`,
      )
    case 'no-set':
      return [`prereq nxrrset ${name}. ${word(prerequisite.type)}`]
    case 'no-name':
      return [`prereq nxdomain ${name}.`]
  }
}

function outcomeOf(said: string, code: number | string | null): UpdateOutcome {
  if (code === 0) return { kind: 'done' }
  const [, rcode] = /update failed: (\w+)/.exec(said) ?? []
  if (rcode !== undefined && /^(?:NXRRSET|YXRRSET|NXDOMAIN|YXDOMAIN)$/.test(rcode))
    return { kind: 'changed', detail: rcode }
  return {
    kind: 'failed',
    detail: said === '' ? `nsupdate ended with ${String(code)}` : said.replaceAll('\n', '; '),
  }
}

function word(text: string): string {
  if (!/^[A-Za-z0-9_*.:/+=-]+$/.test(text)) throw new TypeError('a malformed word in a dynamic update')
  return text
}

function dataText(text: string): string {
  if (!/^[\x20-\x7e]+$/.test(text)) throw new TypeError('malformed data in a dynamic update')
  return text
}
