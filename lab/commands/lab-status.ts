/** `status`: what runs in the lab that is up, and what its clients see. */
import { CommandError, EXIT, type ExitCode } from '../../src/core/exit-code.ts'
import type { LabOptions } from './parse-lab-options.ts'
import { upLab } from './up-lab.ts'

export async function labStatus(words: readonly string[], { json }: LabOptions): Promise<ExitCode> {
  if (words.length > 0) throw new CommandError(EXIT.badInput, 'status takes options only')
  const status = await upLab.ask<'status'>({ kind: 'status' })
  if (json) {
    console.log(JSON.stringify(status))
    return EXIT.ok
  }
  if (status.delayMs > 0) console.log(`links have a delay of ${status.delayMs} ms, one way`)
  for (const { name, powerdns, endpoints, asked, complete } of status.sites) {
    const server = powerdns.length === 0 ? 'PowerDNS gone' : `PowerDNS ${powerdns.join(', ')}`
    console.log(
      `${name.padEnd(6)}${server.padEnd(20)}${complete} of ${asked} answers of the last 5 s complete`,
    )
    for (const endpoint of endpoints)
      console.log(
        `      ${endpoint.name.padEnd(12)}${endpoint.address.padEnd(16)}${endpoint.isDead ? 'dead' : 'lives'}`,
      )
  }
  return EXIT.ok
}
