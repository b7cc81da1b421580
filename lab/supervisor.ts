/**
 * Holds the lab that is up: `node supervisor.ts OPTIONS` builds it, prints lines until `ready`, takes orders at a socket, and removes
 * it at SIGTERM. One order at a time: two faults at once would be judged by each other's truth.
 */
import { createServer, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { allFaults } from './matrix/all-faults.ts'
import { runFault } from './matrix/run-fault.ts'
import { faultNamed } from './commands/lab-run.ts'
import { parseLabOptions } from './commands/parse-lab-options.ts'
import { statusOf } from './commands/status-of.ts'
import { upLab, type Orders } from './commands/up-lab.ts'
import { withWorld } from './commands/with-world.ts'
import { monotonicMs } from './monotonic-ms.ts'
import { labId } from './network/lab-id.ts'
import type { World } from './world/world.ts'

/** What is judged is judged by then. */
const KEPT_MS = 60_000

let last: Promise<unknown> = Promise.resolve()
let running = 0

async function obey(order: Orders[keyof Orders]['order'], world: World): Promise<unknown> {
  if (order.kind === 'status') return statusOf(world)
  running += 1
  const result = last.then(async () => runFault(faultNamed(await allFaults(), order.name), world))
  const ends = () => {
    running -= 1
  }
  last = result.then(ends, ends)
  return result
}

function serve(connection: Socket, world: World): void {
  connection.on('error', () => connection.destroy())
  createInterface({ input: connection }).once('line', (line) => {
    obey(JSON.parse(line) as Orders[keyof Orders]['order'], world).then(
      (reply) => connection.end(JSON.stringify({ reply })),
      (error: unknown) => connection.end(JSON.stringify({ error: (error as Error).message })),
    )
  })
}

const options = parseLabOptions(JSON.parse(process.argv[2] ?? '{}') as Record<string, unknown>)
// Who started it may be gone: what it says then is for nobody.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)
await withWorld(options, async (world) => {
  const server = createServer((connection) => {
    serve(connection, world)
  })
  setInterval(() => {
    if (running === 0) world.forget(monotonicMs() - KEPT_MS)
  }, KEPT_MS)
  server.listen(upLab.socketPath(labId.own()), () => process.stdout.write('ready\n'))
  // Until a signal ends it.
  await new Promise(() => undefined)
})
