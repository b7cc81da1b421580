/**
 * Changes the configuration again and again through one control: `node writer.ts ZONE DATA_DIR`, beside that control. Each change puts
 * the next number into a record of the zone; each that is acknowledged is a line with the number and its revision. It ends when its
 * stdin does. What must stay true: no number is sent twice, so that a change that was applied twice is the control's doing.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { monotonicMs } from '../monotonic-ms.ts'
import type { Acknowledged } from './write-load.ts'

const EVERY_MS = 200
const TIMEOUT_MS = 30_000
const [, , zone = '', dataDir = ''] = process.argv
const saved = (name: string) => readFileSync(join(dataDir, name), 'utf8').trim()

/** The revision; null: not acknowledged. */
async function put(count: number): Promise<number | null> {
  const records = [{ name: 'count', type: 'TXT', values: [String(count)] }]
  try {
    const response = await fetch(`${saved('api-url')}/v1/zones/${zone}`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${saved('token')}`, 'content-type': 'application/json' },
      body: JSON.stringify({ name: zone, nameservers: ['ns1.elsewhere.test'], records }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    const { revision } = (await response.json()) as { readonly revision?: number }
    return response.ok && revision !== undefined ? revision : null
  } catch {
    // What became of it is not known, and nobody counts on it.
    return null
  }
}

process.stdin.resume().once('end', () => process.exit())
for (let count = 1; ; count += 1) {
  const sentMs = monotonicMs()
  const revision = await put(count)
  const line: Acknowledged | null =
    revision === null ? null : { zone, count, revision, sentMs, tookMs: monotonicMs() - sentMs }
  if (line !== null) process.stdout.write(`${JSON.stringify(line)}\n`)
  await delay(EVERY_MS)
}
