/**
 * Control, checkers and nameservers as processes of their own, at three sites on loopback addresses with real PowerDNS: the
 * answers follow the endpoints, whether a control lives or not.
 */
import { readdirSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CertificateAuthority } from '../../src/adapters/probes/testing/certificates.ts'
import { Cluster } from './harness/cluster.ts'
import { eventually } from './harness/eventually.ts'

const cluster = new Cluster()

beforeAll(async () => {
  await cluster.start()
  await cluster.apply(cluster.document())
})

afterAll(() => cluster.stop())

interface StatusJson {
  revision: number
  checkers: { checker: string; site: string; live: boolean; revision: number }[]
  nameservers: { name: string; ready: boolean; revision: number }[]
  alarms: string[]
}

async function status(control = cluster.controls[0]!): Promise<StatusJson> {
  return JSON.parse((await cluster.cli(control, 'status', '--json')).stdout) as StatusJson
}

describe('with everything alive', () => {
  it('all three nameservers answer what was applied', async () => {
    await cluster.answers(cluster.endpoints)
  })

  it('every control hears every checker and every nameserver', async () => {
    for (const control of cluster.controls)
      await eventually(async () => {
        const { checkers, nameservers, alarms, revision } = await status(control)
        expect(checkers.filter((one) => one.live).map((one) => one.checker)).toEqual([
          'ams-1',
          'fra-1',
          'lon-1',
        ])
        expect(nameservers.map((one) => one.name).sort()).toEqual(['ns-ams', 'ns-fra', 'ns-lon'])
        expect(nameservers.every((one) => one.ready && one.revision === revision)).toBe(true)
        expect(alarms).toEqual([])
      })
  })

  it('the answers follow the death and the return of an endpoint', async () => {
    const [first, second] = [cluster.endpoints[0]!, cluster.endpoints[1]!]
    await first.kill()
    await cluster.answers([second])
    await first.start()
    await cluster.answers([first, second])
  })

  it('the votes, the nodes and the history of it are shown, once each, by every control', async () => {
    for (const control of cluster.controls) {
      const json = async (...args: string[]) =>
        JSON.parse((await cluster.cli(control, ...args, '--json')).stdout) as unknown
      await eventually(async () => {
        expect(await json('get', 'verdicts', 'web/e1')).toMatchObject({
          state: 'up',
          votes: [
            { site: 'ams', vote: 'up' },
            { site: 'fra', vote: 'up' },
            { site: 'lon', vote: 'up' },
          ],
          checkers: [{ checker: 'ams-1', register: 'up' }, { checker: 'fra-1' }, { checker: 'lon-1' }],
        })
        expect(await json('get', 'nameservers')).toMatchObject(
          ['ns-ams', 'ns-fra', 'ns-lon'].map((name) => ({
            name,
            live: true,
            agrees: true,
            revisionsBehind: 0,
          })),
        )
        expect(await json('get', 'checkers')).toMatchObject(
          ['ams-1', 'fra-1', 'lon-1'].map((checker) => ({
            checker,
            live: true,
            fenceReason: null,
            feed: 'connected',
          })),
        )
      })
      await eventually(async () => {
        const changes = (await json('history', 'web/e1')) as { from: string; to: string; votes: unknown[] }[]
        expect(changes.map(({ from, to }) => `${from} ${to}`)).toEqual(['down up', 'up down', 'unknown up'])
        expect(changes[1]?.votes).toHaveLength(3)
      })
    }
  })

  it('what one control commits reaches the nodes and the views of the other', async () => {
    const before = await status()
    await cluster.apply(cluster.document({ ttlSec: 7 }), cluster.controls[1])
    for (const control of cluster.controls)
      await eventually(async () => {
        const { revision, nameservers, checkers } = await status(control)
        expect(revision).toBe(before.revision + 1)
        expect([...nameservers, ...checkers].map((node) => node.revision)).toEqual(Array(6).fill(revision))
      })
  })
})

describe('SIGHUP', () => {
  it('takes new certificates and a new log level, and nothing of what is wrong', async () => {
    const { process: checker } = cluster.checkers[0]!
    const { process: nameserver } = cluster.nameservers[0]!
    for (const service of [checker, nameserver, cluster.controls[0]!]) {
      cluster.renewCertificate(service)
      cluster.configure(service, { logLevel: 'debug' })
      service.signal('SIGHUP')
      await eventually(() => {
        expect(service.log()).toContain('certificates and settings were read again')
      })
    }
    const stranger = new CertificateAuthority()
    cluster.renewCertificate(checker, stranger)
    checker.signal('SIGHUP')
    await eventually(() => {
      expect(checker.log()).toContain('is not certified by any of the authorities')
    })
    stranger[Symbol.dispose]()
    cluster.renewCertificate(checker)
    cluster.configure(checker, { controls: ['nowhere'] })
    checker.signal('SIGHUP')
    await eventually(() => {
      expect(checker.log()).toMatch(/ams-1\.yaml:\d+:\d+: a host and port such as/)
    })
    expect((await status()).checkers.every((one) => one.live)).toBe(true)
  })
})

describe('without control and store', () => {
  it('an endpoint dies, and all three nameservers change their answers', async () => {
    const [first, second] = [cluster.endpoints[0]!, cluster.endpoints[1]!]
    for (const control of cluster.controls) await control.end('SIGKILL')
    for (const name of readdirSync(cluster.folder).filter((one) => one.startsWith('store.sqlite')))
      renameSync(join(cluster.folder, name), join(cluster.folder, `gone-${name}`))
    await first.kill()
    await cluster.answers([second])
  })

  it('a nameserver and a checker that are killed start from their disks', async () => {
    const [first, second] = [cluster.endpoints[0]!, cluster.endpoints[1]!]
    const nameserver = cluster.nameservers[1]!
    const checker = cluster.checkers[2]!
    // Written within a moment of the change; a kill before it would bring the verdict before back, until that has settled.
    await eventually(() => {
      const saved = readFileSync(join(nameserver.process.dataDir, 'verdicts.json'), 'utf8')
      expect(saved).toContain('"endpoint":"web/e1","state":"down"')
    })
    await nameserver.process.end('SIGKILL')
    expect(await cluster.dig(nameserver)).toEqual([second.address])
    await checker.process.end('SIGKILL')
    await Promise.all([nameserver.process.start(), checker.process.start()])
    await eventually(() => {
      expect(nameserver.process.log()).toContain('starting with the configuration on disk')
    })
    expect(await cluster.dig(nameserver)).toEqual([second.address])
    await first.start()
    await cluster.answers([first, second])
    await second.kill()
    await cluster.answers([first])
  })

  it('when they are back the nodes go on with them', async () => {
    for (const name of readdirSync(cluster.folder).filter((one) => one.startsWith('gone-')))
      renameSync(join(cluster.folder, name), join(cluster.folder, name.slice('gone-'.length)))
    for (const control of cluster.controls) await control.start()
    await cluster.endpoints[1]!.start()
    await cluster.apply(cluster.document({ ttlSec: 9 }))
    await eventually(
      async () => {
        const { revision, nameservers, checkers } = await status()
        expect([...nameservers, ...checkers].map((node) => node.revision)).toEqual(Array(6).fill(revision))
      },
      { withinMs: 20_000 },
    )
    await cluster.answers(cluster.endpoints)
  })
})

describe('SIGTERM', () => {
  it('ends each of them in order', async () => {
    const services = [...cluster.nameservers, ...cluster.checkers].map((part) => part.process)
    for (const service of [...services, ...cluster.controls]) expect(await service.end('SIGTERM')).toBe(0)
  })
})
