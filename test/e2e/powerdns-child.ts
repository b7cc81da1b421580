/** A process that runs a nameserver and publishes one zone, for tests that kill it. Arguments: data directory, port, address. */
import { balancer, makeRig, monitor, pool, zone } from './powerdns-rig.ts'

const [dataDir = '', port = '', address = ''] = process.argv.slice(2)
const rig = await makeRig({ dataDir, port: Number(port), leaveRunning: true })
await rig.nameserver.start()
rig.configure([
  zone('example.test'),
  monitor(),
  ...pool('one', { a: address }),
  balancer('www.example.test', { kind: 'all', pools: ['one'] }),
])
rig.say({ 'one/a': 'up' })
process.stdout.write('started\n')
