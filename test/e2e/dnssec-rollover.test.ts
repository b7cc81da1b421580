/** Rollovers of a zone whose parent is really asked: step by step, with answers validated all the way. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { EXIT } from '../../src/core/exit-code.ts'
import { eventually } from './harness/eventually.ts'
import { A_FEW, nameOf, SignedZones, type Child } from './harness/signed-zones.ts'

let world: SignedZones
beforeAll(async () => {
  world = await SignedZones.make()
})
afterAll(() => world.end())

async function roll(child: Child, ...args: string[]) {
  return world.run(['dnssec', 'roll', nameOf(child), ...args])
}

/** Takes the step as soon as it may be taken, and looks at answers meanwhile. */
async function step(child: Child, ...args: string[]): Promise<string> {
  return eventually(
    async () => {
      const { code, stdout, stderr } = await roll(child, ...args)
      await world.expectValid(child, A_FEW)
      if (code !== EXIT.ok) expect(stderr).toMatch(/not before|not every nameserver/)
      expect(code, stderr).toBe(EXIT.ok)
      return stdout
    },
    { withinMs: 30_000 },
  )
}

describe('a rollover', () => {
  it('of the one key goes step by step, is refused while the parent lacks the DS, and survives a kill', async () => {
    const child = 'nsec'
    const zone = nameOf(child)
    const [old] = (await world.shown(zone)).keys
    expect(await step(child)).toContain('a step was taken')
    const under = await world.shown(zone)
    const [incoming] = under.rollover?.incoming ?? []
    expect(under.rollover).toMatchObject({ kind: 'csk', step: 'introduced', retiring: [old?.tag] })
    expect(under.ds).toHaveLength(1)
    expect(under.ds[0]).toContain(` ${incoming} `)
    // Once the time is over, what is missing is the DS.
    await eventually(
      async () => {
        const { code, stderr } = await roll(child)
        expect(code).toBe(EXIT.badInput)
        expect(stderr).toContain(`the parent does not give the DS of the new key ${incoming}`)
      },
      { withinMs: 20_000 },
    )
    await world.fairlead.end('SIGKILL')
    await world.fairlead.start()
    await world.expectValid(child, A_FEW)
    expect((await world.shown(zone)).rollover).toMatchObject({ step: 'introduced' })
    await world.giveDs(child, [incoming ?? 0])
    await world.expectValid(child, A_FEW)
    expect(await step(child)).toContain('a step was taken')
    expect(await step(child)).toContain('the rollover has ended')
    const after = await world.shown(zone)
    expect(after.keys.map(({ tag }) => tag)).toEqual([incoming])
    expect(after.keys[0]?.atParent).toBe(true)
    await world.expectValid(child)
  })

  it('of a zone-signing key needs no parent', async () => {
    const child = 'split'
    const zone = nameOf(child)
    expect((await roll(child)).stderr).toContain('say which key: ksk, zsk')
    const before = await world.shown(zone)
    const ksk = before.keys.find(({ role }) => role === 'ksk')?.tag
    await step(child, '--key', 'zsk')
    await step(child)
    expect(await step(child)).toContain('the rollover has ended')
    const tags = (await world.shown(zone)).keys.map(({ tag }) => tag)
    expect(tags).toHaveLength(2)
    expect(tags).toContain(ksk)
    expect(tags).not.toContain(before.keys.find(({ role }) => role === 'zsk')?.tag)
    await world.expectValid(child)
  })

  it('of a key-signing key, and to another algorithm with another number of keys', async () => {
    const child = 'split'
    const zone = nameOf(child)
    await step(child, '--key', 'ksk')
    const ksk = (await world.shown(zone)).rollover?.incoming ?? []
    await world.giveDs(child, ksk)
    await step(child)
    await step(child)
    world.changed.set(child, { algorithm: 13, keys: 'csk' })
    await world.apply()
    expect((await world.shown(zone)).next).toContain('of another algorithm')
    await step(child)
    expect((await world.shown(zone)).rollover).toMatchObject({ kind: 'algorithm', step: 'signing' })
    await step(child)
    const [csk = 0] = (await world.shown(zone)).rollover?.incoming ?? []
    await world.giveDs(child, [...ksk, csk])
    await eventually(
      async () => {
        expect((await roll(child)).stderr).toContain('still gives the DS of the old key')
      },
      { withinMs: 20_000 },
    )
    await world.giveDs(child, [csk])
    await step(child)
    await step(child)
    expect(await step(child)).toContain('the rollover has ended')
    expect((await world.shown(zone)).keys).toMatchObject([{ tag: csk, algorithm: 13, role: 'csk' }])
    await world.expectValid(child)
  })

  it('can be cancelled before the parent knows of it', async () => {
    const child = 'p384'
    const before = await world.shown(nameOf(child))
    await step(child)
    const { code, stdout } = await roll(child, '--cancel')
    expect({ code, stdout }).toMatchObject({
      code: EXIT.ok,
      stdout: expect.stringContaining('cancelled') as string,
    })
    expect((await world.shown(nameOf(child))).keys.map(({ tag }) => tag)).toEqual(
      before.keys.map(({ tag }) => tag),
    )
    expect((await roll(child, '--cancel')).stderr).toContain('no rollover is under way')
    await world.expectValid(child, A_FEW)
  })
})
