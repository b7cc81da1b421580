/** Joining a control whose answer cannot be used: over real TLS, with a real disk. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { expect, it } from 'vitest'
import { formatJoinToken } from '../../core/model/join-token.ts'
import { authorities } from '../authority/authorities.ts'
import { identityFilesIn, newNodeKey, writeIdentity } from '../authority/identity-files.ts'
import { systemClock } from '../clock/system-clock.ts'
import { joinCluster } from './join-cluster.ts'
import { LocalFeed } from './local-feed.ts'
import { NodeServer } from './node-server.ts'
import { NO_TRUST } from './testing/no-trust.ts'
import { TlsIdentity } from './tls-identity.ts'

it('a chain that cannot be used leaves no certificate, and the key of the try for the next one', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-join-'))
  const authority = authorities.open(authorities.create(Date.now()))
  const issue = (publicKey: string, identity: string) =>
    authority.issue({ publicKey, identity, names: [], nowMs: Date.now(), lifeMs: 3_600_000 }).chain
  const { key, publicKey } = newNodeKey()
  const chain = issue(publicKey, 'fairlead://control/c1')
  await writeIdentity(folder, { key, chain, authority: authority.certificate })
  const keys: string[] = []
  const server = new NodeServer({
    ...{ listen: { host: '127.0.0.1', port: 0 }, tls: new TlsIdentity(identityFilesIn(folder)) },
    ...{ feed: new LocalFeed(), clock: systemClock, logger: pino({ level: 'silent' }), instance: 'one' },
    trust: {
      ...NO_TRUST,
      join: (request) => {
        keys.push(request.publicKey)
        const good = issue(request.publicKey, 'fairlead://checker/ams/ams-1')
        const answered = keys.length === 1 ? 'garbage\n' : good
        const { certificate } = authority
        return Promise.resolve({
          kind: 'issued',
          chain: answered,
          authority: certificate,
          offer: NO_TRUST.offer(),
        })
      },
    },
    store: { revision: () => Promise.resolve(null), revisionsAfter: () => Promise.resolve([]) },
    refresh: () => Promise.resolve(),
    ...{ onReport: () => undefined, onRefused: () => undefined },
  })
  await server.listen()
  try {
    const dataDir = join(folder, 'node')
    const token = formatJoinToken({ fingerprint: authority.fingerprint, secret: 'A'.repeat(43) })
    const control = { host: '127.0.0.1', port: server.port }
    const asked = { dataDir, control, token, force: false }
    await expect(joinCluster(asked)).rejects.toThrow(
      'the certificate that the control answered with holds no certificate',
    )
    expect([existsSync(join(dataDir, 'identity.pem')), existsSync(join(dataDir, 'joining.key'))]).toEqual([
      false,
      true,
    ])
    expect(await joinCluster(asked)).toMatchObject({ identity: 'fairlead://checker/ams/ams-1' })
    expect(keys[1]).toBe(keys[0])
  } finally {
    await server.close()
    rmSync(folder, { recursive: true })
  }
})
