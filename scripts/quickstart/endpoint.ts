/**
 * One demo endpoint: a real HTTP server in a process of its own, so that it can be killed like a real one.
 * It ends when its supervisor is gone. Ctrl-C on the terminal is not for it: fairlead ends first, or it would see an outage.
 */
import { createServer } from 'node:http'
import type { EndpointMessage } from './endpoints.ts'

const [name = '', address = '', port = ''] = process.argv.slice(2)
/** Where nobody hears it any more, `disconnect` ends this process. */
const tell = (message: EndpointMessage) => process.send?.(message, () => undefined)

const server = createServer((request, response) => {
  response.setHeader('content-type', 'text/plain')
  if (request.url === '/healthz') response.end('ok\n')
  else response.end(`This is ${name} at ${address}, process ${process.pid}.\n`)
})
server.once('error', (error: NodeJS.ErrnoException) => {
  tell({ kind: 'cannot-listen', code: error.code ?? '', message: error.message })
  process.disconnect()
})
server.listen(Number(port), address, () => tell({ kind: 'listening' }))

process.on('SIGINT', () => undefined)
process.on('SIGHUP', () => undefined)
process.once('disconnect', () => process.exit())
