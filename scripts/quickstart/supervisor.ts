/**
 * Runs the four demo endpoints. start.sh starts it, reads its stdout up to the line `ready` (each line before it is a hint for
 * the operator), and hands the other end of its stdin to fairlead.
 * What must stay true: an endpoint that was killed stays dead until somebody asks for it; when stdin ends, everything ends.
 */
import { fork, type ChildProcess } from 'node:child_process'
import { rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { EXIT } from '../../src/core/exit-code.ts'
import {
  ENDPOINTS,
  isEndpointName,
  ORDERS_SOCKET,
  type EndpointMessage,
  type EndpointName,
} from './endpoints.ts'

const NAMES = Object.keys(ENDPOINTS).filter(isEndpointName)
const running = new Map<EndpointName, ChildProcess>()

/** Resolves once it listens; rejects with a sentence when it cannot. */
function startEndpoint(name: EndpointName): Promise<void> {
  const { address, port } = ENDPOINTS[name]
  const child = fork(join(import.meta.dirname, 'endpoint.ts'), [name, address, String(port)], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  running.set(name, child)
  child.once('exit', () => {
    if (running.get(name) === child) running.delete(name)
  })
  return new Promise((resolve, reject) => {
    child.once('exit', (code, signal) => {
      reject(new Error(`the demo endpoint ${name} ended at once (${signal ?? `exit code ${code}`})`))
    })
    child.once('message', (message: EndpointMessage) => {
      if (message.kind === 'listening') resolve()
      else if (message.code === 'EADDRINUSE')
        reject(new PortInUse(`${address}:${port}, where the demo endpoint ${name} would listen, is in use`))
      else reject(new Error(`the demo endpoint ${name} cannot listen: ${message.message}`))
    })
  })
}

class PortInUse extends Error {}

/** One order a line: `kill NAME`, `revive NAME` or `list`. The reply is one line for each endpoint that it is about. */
async function obey(line: string): Promise<string> {
  const [verb = '', name = ''] = line.trim().split(' ')
  if (verb === 'list') return NAMES.map(describe).join('\n')
  if (!isEndpointName(name)) return `there is no endpoint '${name}': ${NAMES.join(', ')}`
  const child = running.get(name)
  if (verb === 'kill' && child !== undefined) {
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGKILL')
    await ended
  } else if (verb === 'revive' && child === undefined) await startEndpoint(name)
  return describe(name)
}

function describe(name: EndpointName): string {
  const { address, port } = ENDPOINTS[name]
  const child = running.get(name)
  const state = child === undefined ? 'dead' : `process ${String(child.pid)}`
  return `${name}  http://${address}:${port}/  ${state}`
}

function takeOrders(): Promise<void> {
  // The endpoints' ports are ours, so no other quickstart of this checkout runs: a socket here is a left-over.
  rmSync(ORDERS_SOCKET, { force: true })
  const server = createServer((connection) => {
    connection.on('error', () => connection.destroy())
    createInterface({ input: connection }).once('line', (line) => {
      obey(line).then(
        (reply) => connection.end(`${reply}\n`),
        (error: unknown) => connection.end(`${(error as Error).message}\n`),
      )
    })
  })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(ORDERS_SOCKET, resolve)
  })
}

function end(): void {
  rmSync(ORDERS_SOCKET, { force: true })
  // Their channels close with this process, and with that they end.
  process.exit()
}

process.on('SIGINT', () => undefined)
process.on('SIGHUP', () => undefined)
process.once('SIGTERM', end)
process.stdin.once('end', end).resume()

try {
  await Promise.all(NAMES.map(startEndpoint))
  await takeOrders()
  const pids = NAMES.map((name) => `${name} ${String(running.get(name)?.pid)}`).join(', ')
  process.stdout.write(
    `Kill an endpoint:  npm run -s quickstart -- kill ams-1   (or kill its process: ${pids})\n` +
      'Bring it back:     npm run -s quickstart -- revive ams-1\nready\n',
  )
} catch (error) {
  process.stderr.write(`quickstart: ${(error as Error).message}\n`)
  process.exit(error instanceof PortInUse ? EXIT.portInUse : EXIT.failure)
}
