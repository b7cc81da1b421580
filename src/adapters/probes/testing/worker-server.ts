/** Servers in a thread of their own, so that a blocked loop on one side does not block the other: for tests alone. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { Worker } from 'node:worker_threads'
import type { ProbeTarget } from '../../../ports/prober.ts'

export interface WorkerServer extends AsyncDisposable {
  readonly target: ProbeTarget
}

const ANSWERING = `
  const server = require('node:http').createServer((request, response) => response.end('ok'))
  server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => {
    require('node:worker_threads').parentPort.postMessage(server.address().port)
  })`

const DEAF = `
  const { parentPort, workerData } = require('node:worker_threads')
  const server = require('node:net').createServer()
  server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
    parentPort.postMessage(server.address().port)
    setImmediate(() => Atomics.wait(workerData, 0, 0))
  })`

/** Answers every request with 200. */
export async function answeringServer(): Promise<WorkerServer> {
  const worker = new Worker(ANSWERING, { eval: true })
  return { target: await targetOf(worker), [Symbol.asyncDispose]: () => end(worker) }
}

/** Listens with a full queue and never accepts: the kernel drops further attempts, as a black hole does. */
export async function blackHole(): Promise<WorkerServer> {
  const gate = new Int32Array(new SharedArrayBuffer(4))
  const worker = new Worker(DEAF, { eval: true, workerData: gate })
  const target = await targetOf(worker)
  const fillers: Socket[] = []
  // Attempts beyond the queue stay unanswered; the second of the queue may take as long, so none but the first is awaited.
  for (let index = 0; index < 8; index += 1) {
    const socket = connect({ host: target.address, port: target.port })
    socket.on('error', () => undefined)
    fillers.push(socket)
  }
  await Promise.race(fillers.map((socket) => once(socket, 'connect')))
  return {
    target,
    [Symbol.asyncDispose]: () => {
      for (const socket of fillers) socket.destroy()
      Atomics.store(gate, 0, 1)
      Atomics.notify(gate, 0)
      return end(worker)
    },
  }
}

async function targetOf(worker: Worker): Promise<ProbeTarget> {
  const [port] = (await once(worker, 'message')) as [number]
  return { address: '127.0.0.1', port }
}

async function end(worker: Worker): Promise<void> {
  await worker.terminate()
}
