/** Attached to a PowerDNS that an operator runs, with the snippet that Fairlead prints. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, expect, it } from 'vitest'
import { systemClock } from '../../src/adapters/clock/system-clock.ts'
import { askDns } from '../../src/adapters/dns-client/ask-dns.ts'
import { LocalFeed } from '../../src/adapters/transport/local-feed.ts'
import { LocalFrames } from '../../src/adapters/transport/local-frames.ts'
import { configurationOf } from '../../src/core/model/configuration.ts'
import { renderAttachSnippet } from '../../src/adapters/powerdns/config.ts'
import { createNameserver } from '../../src/nameserver/context.ts'
import { freePort } from '../../src/adapters/probes/testing/free-port.ts'
import { Recorder, until, zone } from './powerdns-rig.ts'

const undo: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
})

it('publishes into it, never ends it, and reads back when it returns', async () => {
  const root = mkdtempSync(join(tmpdir(), 'fairlead-attach-'))
  undo.push(() => {
    rmSync(root, { recursive: true, force: true })
  })
  const [port, databasePath] = [await freePort(), join(root, 'fairlead.db')]
  for (const folder of ['run', 'data']) mkdirSync(join(root, folder))
  const own = [
    `local-address=127.0.0.1`,
    `local-port=${port}`,
    `socket-dir=${root}/run`,
    'guardian=no',
    'daemon=no',
  ]
  writeFileSync(join(root, 'pdns.conf'), `${own.join('\n')}\n${renderAttachSnippet(databasePath)}`)
  const operatorStarts = () => {
    const child = spawn('pdns_server', [`--config-dir=${root}`], { stdio: 'ignore' })
    undo.push(() => void child.kill('SIGKILL'))
    return child
  }

  const [feed, recorder] = [new LocalFeed(), new Recorder()]
  const nameserver = createNameserver({
    ...{
      name: 'ns',
      site: 'here',
      dataDir: join(root, 'data'),
      feed,
      frames: new LocalFrames(),
      reporter: recorder,
    },
    ...{ clock: systemClock, logger: pino({ level: 'silent' }), dns: { port } },
    powerdns: { kind: 'attach', databasePath, controlSocketPath: join(root, 'run', 'pdns.controlsocket') },
  })
  undo.push(() => nameserver.stop())
  await nameserver.start()
  const first = operatorStarts()
  const publish = (revision: number, address: string) => {
    const records = [{ name: 'www', type: 'A', values: [address] }]
    feed.publish({ revision, configuration: configurationOf([zone('example.test', { records })]) })
  }
  const answers = (address: string) =>
    until(`the answer ${address}`, async () => {
      const answer = await askDns({ address: '127.0.0.1', port }, { name: 'www.example.test', type: 'A' })
      return answer.kind === 'answer' && answer.values.join() === address
    })
  publish(1, '192.0.2.1')
  await answers('192.0.2.1')
  await until('attached', () => recorder.last?.dnsServer.state === 'attached')

  first.kill('SIGKILL')
  await once(first, 'exit')
  await until('its end is seen', () => recorder.last?.dnsServer.state === 'down')
  publish(2, '192.0.2.2')
  const second = operatorStarts()
  await answers('192.0.2.2')
  await until('attached again', () => recorder.last?.dnsServer.state === 'attached')
  await until('all is read back', () => recorder.last?.unpublishedForMs === null)
  expect(recorder.alarms().join()).toContain('does not answer')
  await nameserver.stop()
  expect([second.exitCode, second.signalCode]).toEqual([null, null])
  await answers('192.0.2.2')

  expect(recorder.alarms().join()).not.toContain('must be restarted')
  for (const suffix of ['', '-wal', '-shm']) rmSync(databasePath + suffix, { force: true })
  await nameserver.start()
  expect(recorder.alarms().at(-1)).toContain('must be restarted by its operator: its database was made anew')
})
