/** Several controls on one store. */
import { expect, it } from 'vitest'
import { startApi } from './api-rig.ts'

it('two controls on one store: every acknowledged change is there, in one history', async () => {
  const one = await startApi()
  const two = await startApi({ dataDir: one.dataDir })
  const writes = Array.from({ length: 20 }, (_, index) =>
    (index % 2 === 0 ? one : two).send('PUT', `/v1/sites/s${index}`, { body: {} }),
  )
  for (const reply of await Promise.all(writes)) expect(reply.status).toBe(201)
  const { body } = await one.send('GET', '/v1/revisions?limit=100')
  const numbers = (body as { items: { number: number }[] }).items.map((item) => item.number)
  expect(numbers).toEqual(Array.from({ length: 20 }, (_, index) => 20 - index))
  // A change is decided on what the other control committed: the reference holds there, though it was never told of it.
  await one.send('PUT', '/v1/sites/shared', { body: {} })
  await two.send('PUT', '/v1/sites/mine', { body: {} })
  const endpoints = [{ name: 'e', address: '192.0.2.1', port: 80, site: 'shared' }]
  expect((await two.send('PUT', '/v1/pools/p', { body: { endpoints } })).status).toBe(201)
  await two.stop()
  await one.stop()
})
