/** A zone and one below it, both served by one PowerDNS: the closer one answers, and that is no fault. */
import { expect, it, onTestFinished } from 'vitest'
import { makeRig, until, zone } from './powerdns-rig.ts'

it('reads back of each name what the closest zone says, and alarms about nothing', async () => {
  const rig = await makeRig()
  onTestFinished(() => rig.destroy())
  await rig.nameserver.start()
  const www = (name: string, address: string) => ({ name, type: 'A', values: [address] })
  const parent = (address: string) =>
    zone('example.test', {
      records: [
        { name: 'sub', type: 'NS', values: ['ns.sub.example.test'] },
        www('ns.sub', '192.0.2.53'),
        www('www.sub', '192.0.2.1'),
        www('www', address),
      ],
    })
  const child = (address: string) => zone('sub.example.test', { records: [www('www', address)] })
  rig.configure([parent('192.0.2.2'), child('192.0.2.3')])
  await until(
    'the first answers',
    async () => (await rig.values('www.sub.example.test')).join() === '192.0.2.3',
  )
  rig.configure([parent('192.0.2.4'), child('192.0.2.5')])
  await until(
    'the next answers',
    async () => (await rig.values('www.sub.example.test')).join() === '192.0.2.5',
  )
  expect(await rig.values('www.example.test')).toEqual(['192.0.2.4'])
  for (const name of ['example.test', 'sub.example.test'])
    await until(`both publications of ${name} are read back`, () => {
      const seen = rig.recorder.publications().filter((event) => event.zone === name)
      return seen.length === 2 && seen.every((event) => event.readBackMs !== null)
    })
  // Without the child, the parent delegates.
  rig.configure([parent('192.0.2.4')])
  await until('the delegation', async () => {
    const answer = await rig.client.ask('www.sub.example.test', 'A')
    return answer.kind === 'answer' && !answer.authoritative
  })
  expect(rig.recorder.alarms()).toEqual([])
})
