import { copyFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { TLSSocket } from 'node:tls'
import { afterAll, describe, expect, it } from 'vitest'
import { CertificateAuthority } from './testing/certificates.ts'
import { probeHttps } from './testing/probe-once.ts'
import { httpsServer, rawServer, replyingServer } from './testing/raw-server.ts'

const authority = new CertificateAuthority()
const stranger = new CertificateAuthority()
afterAll(() => {
  authority[Symbol.dispose]()
  stranger[Symbol.dispose]()
})
const { caFile } = authority
const byAddress = authority.issue('by-address', ['IP:127.0.0.1', 'IP:::1'])
const byName = authority.issue('by-name', ['DNS:www.example.test'])
const client = authority.issue('client', ['DNS:client.example.test'])

/** Says which server name was asked for. */
async function serve(certificate: { cert: Buffer; key: Buffer }, address?: string) {
  const names: (string | false | null | undefined)[] = []
  const server = await httpsServer(
    certificate,
    (request, response) => {
      if (request.socket instanceof TLSSocket) names.push(request.socket.servername)
      response.end('ok')
    },
    address,
  )
  return { ...server, names }
}

describe('the certificate', () => {
  it('is verified: one of an unknown authority fails', async () => {
    await using server = await serve(byAddress)
    const result = await probeHttps(server.target)
    expect(result).toMatchObject({ kind: 'failure', detail: expect.stringMatching(/certificate/) as string })
    expect(server.names).toEqual([])
  })

  it.each(['127.0.0.1', '::1'])(
    'of an authority in caFile is good, for the address %s, without SNI',
    async (address) => {
      await using server = await serve(byAddress, address)
      const result = await probeHttps(server.target, { tls: { caFile } })
      expect(result).toMatchObject({ kind: 'success', detail: 'HTTP 200', status: 200 })
      expect(Object.keys(result.phases).sort()).toEqual(['connectMs', 'firstByteMs', 'tlsMs', 'totalMs'])
      expect(server.names).toEqual([false])
    },
  )

  it('must carry the address when no name is given', async () => {
    await using server = await serve(byName)
    const result = await probeHttps(server.target, { tls: { caFile } })
    expect(result).toMatchObject({ kind: 'failure', detail: expect.stringContaining('127.0.0.1') as string })
  })

  it.each([
    ['serverName', { tls: { caFile, serverName: 'www.example.test' } }],
    ['host', { tls: { caFile }, host: 'www.example.test:8443' }],
    [
      'serverName before host',
      { tls: { caFile, serverName: 'www.example.test' }, host: 'other.example.test' },
    ],
  ])('is asked for and checked by name: %s', async (_name, fields) => {
    await using server = await serve(byName)
    expect(await probeHttps(server.target, fields)).toMatchObject({ kind: 'success' })
    expect(server.names).toEqual(['www.example.test'])
  })

  it('for another name fails', async () => {
    await using server = await serve(byName)
    const result = await probeHttps(server.target, { tls: { caFile }, host: 'api.example.test' })
    expect(result).toMatchObject({
      kind: 'failure',
      detail: expect.stringContaining('api.example.test') as string,
    })
  })

  it('that has expired fails', async () => {
    await using server = await serve(authority.issue('expired', ['IP:127.0.0.1'], -1))
    const result = await probeHttps(server.target, { tls: { caFile } })
    expect(result).toMatchObject({ kind: 'failure', detail: 'certificate has expired' })
  })

  it('is not looked at with verify off', async () => {
    await using server = await serve(authority.issue('expired-too', ['DNS:x.example.test'], -1))
    const fields = { tls: { verify: false }, host: 'www.example.test' }
    expect(await probeHttps(server.target, fields)).toMatchObject({ kind: 'success' })
    expect(server.names).toEqual(['www.example.test'])
  })
})

describe('the client certificate', () => {
  const demanding = { ...byAddress, ca: readFileSync(caFile), requestCert: true, rejectUnauthorized: true }

  it('is shown when configured, and missed when not', async () => {
    const peers: unknown[] = []
    await using server = await httpsServer(demanding, (request, response) => {
      if (request.socket instanceof TLSSocket) peers.push(request.socket.getPeerCertificate().subject.CN)
      response.end()
    })
    const { certificateFile, keyFile } = client
    const tls = { caFile, certificateFile, keyFile }
    expect(await probeHttps(server.target, { tls })).toMatchObject({ kind: 'success' })
    expect(peers).toEqual(['client'])
    expect(await probeHttps(server.target, { tls: { caFile } })).toMatchObject({
      kind: 'failure',
      detail: expect.stringMatching(/certificate required|connection reset/) as string,
    })
  })
})

describe('files of our own that are not as they should be are no vote', () => {
  const path = (name: string) => join(authority.folder, name)
  const garbage = path('garbage.pem')
  writeFileSync(garbage, 'not a certificate')
  const damaged = path('damaged.pem')
  writeFileSync(damaged, '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n')
  const { certificateFile } = client

  it.each([
    ['missing caFile', { caFile: path('none.pem') }, path('none.pem')],
    ['caFile without a certificate', { caFile: garbage }, garbage],
    ['caFile with a damaged certificate', { caFile: damaged }, damaged],
    ['missing keyFile', { caFile, certificateFile, keyFile: path('none.key') }, path('none.key')],
    ['key of another certificate', { caFile, certificateFile, keyFile: byName.keyFile }, byName.keyFile],
    ['certificateFile without one', { caFile, certificateFile: garbage, keyFile: client.keyFile }, garbage],
  ])('%s', async (_name, tls, named) => {
    await using server = await serve(byAddress)
    const result = await probeHttps(server.target, { tls })
    expect(result).toMatchObject({ kind: 'local-error', detail: expect.stringContaining(named) as string })
    expect(server.connections()).toBe(0)
  })

  it('a file that was mended is read again', async () => {
    await using server = await serve(byAddress)
    const changing = path('changing.pem')
    const replaceBy = (source: string) => {
      copyFileSync(source, `${changing}.new`)
      renameSync(`${changing}.new`, changing)
    }
    const tls = { caFile: changing }
    replaceBy(stranger.caFile)
    expect(await probeHttps(server.target, { tls })).toMatchObject({ kind: 'failure' })
    replaceBy(caFile)
    expect(await probeHttps(server.target, { tls })).toMatchObject({ kind: 'success' })
  })
})

describe('peers that misbehave', () => {
  it.each(['HTTP/1.1 400 Bad Request\r\n\r\n', '\x15\x03\x01\x00\x02\x02\x28'])(
    'answers %j to the hello',
    async (bytes) => {
      await using server = await replyingServer(Buffer.from(bytes, 'latin1'))
      const result = await probeHttps(server.target)
      expect(result).toMatchObject({
        kind: 'failure',
        detail: expect.stringMatching(/^TLS: [a-z0-9/ ]+$/) as string,
      })
    },
  )

  it('never finishes the handshake', async () => {
    await using server = await rawServer(() => undefined)
    expect(await probeHttps(server.target, { timeoutMs: 100 })).toMatchObject({
      kind: 'failure',
      detail: 'timed out after 100 ms waiting for the TLS handshake',
    })
  })

  it('closes in the handshake', async () => {
    await using server = await replyingServer('')
    expect(await probeHttps(server.target)).toMatchObject({ kind: 'failure' })
  })
})
