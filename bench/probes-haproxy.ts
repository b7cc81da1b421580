/**
 * HAProxy's health checks as a rival: one thread, the same checks as ours. Its TCP check by default resets the connection
 * before the target has it; with `linger` it does what ours does, and the target can count it.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Program } from './program.ts'
import { PACED_PER_SEC, SATURATED_AT_ONCE, targetAddress, type Load } from './probes-load.ts'

export interface RivalOptions {
  readonly kind: 'tcp' | 'httpNew'
  readonly load: Load
  readonly port: number
  /** For its configuration. */
  readonly folder: string
}

const CHECKS: Readonly<Record<RivalOptions['kind'], readonly string[]>> = {
  tcp: ['option tcp-check', 'tcp-check connect linger'],
  httpNew: [
    'option httpchk',
    'http-check send meth GET uri / ver HTTP/1.1 hdr Host bench hdr User-Agent haproxy hdr Accept */*',
    'http-check expect status 200-299',
  ],
}

export async function startHaproxy({ kind, load, port, folder }: RivalOptions): Promise<Program> {
  const [servers, intervalMs] = load === 'Paced' ? [PACED_PER_SEC, 1_000] : [SATURATED_AT_ONCE, 1]
  const lines = [
    'global',
    '  nbthread 1',
    '  maxconn 4000',
    'defaults',
    '  mode http',
    ...['connect', 'client', 'server', 'check'].map((name) => `  timeout ${name} 1s`),
    'listen bench',
    `  bind unix@${join(folder, 'haproxy.sock')}`,
    ...CHECKS[kind].map((line) => `  ${line}`),
    ...Array.from(
      { length: servers },
      (_, index) => `  server s${index} ${targetAddress(index)}:${port} check inter ${intervalMs}`,
    ),
  ]
  const path = join(folder, 'haproxy.cfg')
  await writeFile(path, `${lines.join('\n')}\n`)
  return new Program('haproxy', ['-db', '-q', '-f', path])
}
