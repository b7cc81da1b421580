/** `npm run quickstart -- kill|revive NAME`, `-- list`: orders for the demo endpoints of a running `npm start`. */
import { connect } from 'node:net'
import { EXIT } from '../src/core/exit-code.ts'
import { ENDPOINTS, isEndpointName, ORDERS_SOCKET } from './quickstart/endpoints.ts'

const [verb = 'list', name = ''] = process.argv.slice(2)
if (!['kill', 'revive', 'list'].includes(verb)) {
  process.stderr.write('usage: npm run quickstart -- kill NAME | revive NAME | list\n')
  process.exit(EXIT.badInput)
}
if (verb !== 'list' && !isEndpointName(name)) {
  process.stderr.write(`quickstart: there is no endpoint '${name}': ${Object.keys(ENDPOINTS).join(', ')}\n`)
  process.exit(EXIT.badInput)
}
const connection = connect(ORDERS_SOCKET)
connection.once('error', () => {
  process.stderr.write('quickstart: it does not run here; start it with npm start\n')
  process.exitCode = EXIT.unreachable
})
connection.once('connect', () => connection.write(`${verb} ${name}\n`))
connection.pipe(process.stdout)
