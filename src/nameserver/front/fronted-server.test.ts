import { expect, it } from 'vitest'
import { FrontedServer } from './fronted-server.ts'

function rig({ hasNeighbours }: { readonly hasNeighbours: boolean }) {
  const made = { isDead: false, calls: [] as string[] }
  const server = new FrontedServer({
    behind: {
      purge: (names) => {
        if (made.isDead) return Promise.reject(new Error('nobody is there'))
        made.calls.push(`purge ${names.join()}`)
        return Promise.resolve()
      },
      ask: () => Promise.resolve({ kind: 'no-answer', detail: 'nobody is there' }),
    },
    expunge: (names) => {
      made.calls.push(`expunge ${names.join()}`)
      return Promise.resolve()
    },
    hasNeighbours,
  })
  return { made, server }
}

it('empties the cache behind first', async () => {
  const { made, server } = rig({ hasNeighbours: false })
  await server.purge(['example.test$'])
  expect(made.calls).toEqual(['purge example.test$', 'expunge example.test$'])
})

it('leaves the cache before a dead server alone, unless a neighbour fills it again', async () => {
  for (const hasNeighbours of [false, true]) {
    const { made, server } = rig({ hasNeighbours })
    made.isDead = true
    await expect(server.purge(['example.test$'])).rejects.toThrow('nobody is there')
    expect(made.calls).toEqual(hasNeighbours ? ['expunge example.test$'] : [])
  }
})
