/** Nonsense arrives at every port. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { withinDesign, type Fault } from '../matrix/fault.ts'
import { hostAddress, HOST } from '../network/addresses.ts'

const SENDER = join(import.meta.dirname, '../load/malformed.ts')
const PORTS = [
  [HOST.nameserver, 53],
  [HOST.checker, 5_382],
  [HOST.control, 5_381],
] as const

export const malformedPackets: Fault = {
  name: 'malformed-packets',
  design:
    'Cut, bent and random bytes are sent to DNS (UDP and TCP), to the port for frames of every checker and to the port for nodes of ' +
    'every control, for 10 s. Whoever cannot prove who it is gets nothing read but a handshake; nobody ends, and answers go on.',
  bound: withinDesign,
  run: async (world) => {
    const [program = '', ...prefix] = world.network.prefix('clients')
    const places = world.sites.flatMap((_, index) =>
      PORTS.map(([host, port]) => `${hostAddress(index + 1, host).v4}:${port}`),
    )
    const child = spawn(program, [...prefix, process.execPath, SENDER, '10000', ...places], {
      stdio: 'ignore',
    })
    const ended = once(child, 'exit')
    await world.endpointDies()
    const [code] = (await ended) as [number]
    if (code !== 0) throw new Error(`the sender ended with ${code}`)
  },
}
