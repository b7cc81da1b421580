/** Builds the network of a lab and measures its delays: run.sh starts it under a kernel with netem. Exit code 1 where they are wrong. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { release } from 'node:os'
import { hostAddress } from '../network/addresses.ts'
import { connectTimeMs } from '../network/connect-time.ts'
import { labId } from '../network/lab-id.ts'
import { Network } from '../network/network.ts'
import { runTool } from '../network/run-tool.ts'

const PORT = 80
const SERVER = `require('net').createServer((socket) => socket.end()).listen(${PORT}, '::', () => console.log('listens'))`
/** An emulated processor takes tens of ms for what a real one does at once. */
const SLACK_MS = 100

const network = new Network({ id: labId.own(), sites: ['ams', 'fra', 'nyc'] })
const [ip = '', ...within] = network.prefix('fra')
const server = spawn(ip, [...within, process.execPath, '-e', SERVER], {
  stdio: ['ignore', 'pipe', 'inherit'],
})
await once(server.stdout, 'data')
console.log(`kernel ${release()}`)
for (const delayMs of [50, 150, 0]) {
  await network.delay(delayMs)
  const hasNetem = runTool('ip', [
    ...['netns', 'exec', labId.namespace(labId.own(), 'backbone')],
    ...['tc', 'qdisc', 'show'],
  ]).includes('netem')
  const { v4, v6 } = hostAddress(2, 2)
  for (const host of [v4, v6]) {
    const times = [1, 2, 3].map(() => connectTimeMs(network.prefix('ams'), host, PORT))
    const tookMs = Math.min(...times)
    // Two links there, two back.
    const isRight = tookMs >= 4 * delayMs && tookMs < 4 * delayMs + SLACK_MS && hasNetem === delayMs > 0
    const said = `${host}: connected in ${tookMs.toFixed(1)} ms`
    console.log(`${isRight ? 'right' : 'WRONG'}  ${delayMs} ms on each link, netem ${hasNetem}, ${said}`)
    if (!isRight) process.exitCode = 1
  }
}
server.kill()
