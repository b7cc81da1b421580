import { copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { EXIT } from '../../core/exit-code.ts'
import { formatPeerIdentity, parsePeerIdentity } from '../../core/model/peer-identity.ts'
import { TransportRig } from './testing/transport-rig.ts'
import { TlsIdentity, type TlsFiles } from './tls-identity.ts'

const rig = new TransportRig()
afterAll(() => {
  rig.dispose()
})

describe('who a certificate says it is', () => {
  it.each([
    ['URI:fairlead://checker/ams/ams-1', '', 'fairlead://checker/ams/ams-1'],
    [
      'DNS:a.example, URI:fairlead://nameserver/ams/ns.1, IP Address:192.0.2.1',
      '',
      'fairlead://nameserver/ams/ns.1',
    ],
    [
      'URI:https://example.test/, URI:fairlead://control/c1',
      'fairlead://checker/a/b',
      'fairlead://control/c1',
    ],
    [undefined, 'fairlead://control/c1', 'fairlead://control/c1'],
  ])('%s, %s', (subjectAltName, commonName, expected) => {
    const identity = parsePeerIdentity({ subjectAltName, commonName })
    expect(identity === null ? null : formatPeerIdentity(identity)).toBe(expected)
  })

  it.each([
    ['two of them', 'URI:fairlead://control/c1, URI:fairlead://control/c2'],
    ['something in quotes', 'URI:"fairlead://checker/ams/x, URI:fairlead://control/c1"'],
    ['another role', 'URI:fairlead://king/ams/x'],
    ['no site', 'URI:fairlead://checker/x'],
    ['more than a name', 'URI:fairlead://control/c1/more'],
    ['a name that is none', 'URI:fairlead://control/C 1'],
    ['nothing of ours', 'DNS:control.example.test'],
  ])('nothing is made of %s', (_, subjectAltName) => {
    expect(parsePeerIdentity({ subjectAltName, commonName: undefined })).toBeNull()
  })
})

describe('certificates by file', () => {
  const files = (uri = 'fairlead://checker/ams/ams-1', by = rig.authority): TlsFiles => rig.files(uri, by)
  const at = (name: string) => join(rig.authority.folder, name)

  it.each<[string, () => TlsFiles, number, string]>([
    [
      'a file that is not there',
      () => ({ ...files(), keyFile: at('none') }),
      EXIT.fileAccess,
      'cannot read the key in',
    ],
    [
      'a key of another certificate',
      () => ({ ...files(), keyFile: files().keyFile }),
      EXIT.badInput,
      'a key that belongs',
    ],
    [
      'a key for a certificate',
      () => ({ ...files(), certificateFile: files().keyFile }),
      EXIT.badInput,
      'holds no certificate',
    ],
    ['no authority', () => ({ ...files(), caFile: files().keyFile }), EXIT.badInput, 'holds no certificate'],
    [
      'another authority',
      () => files(undefined, rig.stranger),
      EXIT.badInput,
      'is not certified by any of the authorities',
    ],
    [
      'a certificate of nobody',
      () => files('https://example.test'),
      EXIT.badInput,
      'does not say who this is',
    ],
    [
      'another role',
      () => files('fairlead://control/c1'),
      EXIT.badInput,
      'a certificate of a checker is expected',
    ],
  ])('%s is one sentence', (...[, make, exitCode, message]) => {
    expect(() => TlsIdentity.of(make(), 'checker')).toThrow(
      expect.objectContaining({ exitCode, message: expect.stringContaining(message) as unknown }),
    )
  })

  it('are read again; what is wrong, or somebody else, leaves the old ones in force', () => {
    const own = files()
    const { tls } = TlsIdentity.of(own, 'checker')
    const first = tls.options.cert
    let reloads = 0
    tls.onReload(() => (reloads += 1))
    const other = files('fairlead://checker/ams/ams-2')
    copyFileSync(other.certificateFile, own.certificateFile)
    copyFileSync(other.keyFile, own.keyFile)
    expect(() => {
      tls.reload()
    }).toThrow('this process is fairlead://checker/ams/ams-1')
    writeFileSync(own.keyFile, 'no key')
    expect(() => {
      tls.reload()
    }).toThrow('cannot be used')
    expect([tls.options.cert, reloads]).toEqual([first, 0])
    const renewed = files()
    copyFileSync(renewed.certificateFile, own.certificateFile)
    copyFileSync(renewed.keyFile, own.keyFile)
    tls.reload()
    expect(reloads).toBe(1)
    expect(tls.options.cert).not.toEqual(first)
  })
})
