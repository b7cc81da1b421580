/** A flood of questions for names that are not there. */
import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { withinDesign, type Fault } from '../matrix/fault.ts'
import { hostAddress, HOST } from '../network/addresses.ts'

const NAMES = Array.from(
  { length: 30_000 },
  (_, index) => `x${index}-${(index * 7_919) % 104_729}.lab.test A\n`,
)

export const dnsFlood: Fault = {
  name: 'dns-flood',
  design:
    'One nameserver is asked 2,000 times a second for names that are not there (dnsperf), for 15 s. PowerDNS answers by itself; the ' +
    'agent beside it counts, and publishes an endpoint that dies meanwhile. A client may lose an answer in a hundred there.',
  bound: (pace) => ({ ...withinDesign(pace), timedOutShare: 0.01 }),
  run: async (world) => {
    const [program = '', ...prefix] = world.network.prefix('clients')
    const flood = ['dnsperf', '-s', hostAddress(2, HOST.nameserver).v4, '-Q', '2000', '-n', '1']
    const child = spawn(program, [...prefix, ...flood], { stdio: ['pipe', 'pipe', 'ignore'] })
    const told = text(child.stdout)
    // What it says when it ends too early is below.
    child.stdin.on('error', () => undefined).end(NAMES.join(''))
    await world.endpointDies()
    const sent = Number(/Queries sent: +(\d+)/.exec(await told)?.[1] ?? 0)
    if (sent !== NAMES.length) throw new Error(`dnsperf has sent ${sent} of ${NAMES.length} questions`)
  },
}
