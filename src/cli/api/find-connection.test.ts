import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { EXIT } from '../../core/exit-code.ts'
import { fakeIo } from '../testing/fake-io.ts'
import { findApi, findConnection, type ConnectionOptions } from './find-connection.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fairlead-connection-'))
})

function running(path: string, url: string, token: string): string {
  mkdirSync(join(folder, path), { recursive: true })
  writeFileSync(join(folder, path, 'api-url'), `${url}\n`)
  writeFileSync(join(folder, path, 'token'), `${token}\n`)
  return path
}

function find(options: ConnectionOptions = {}, environment: Record<string, string> = {}) {
  const io = fakeIo({
    environment,
    workingDirectory: join(folder, 'work'),
    homeDirectory: join(folder, 'home'),
  })
  const { url, token, warning } = findConnection(options, io)
  return { url: url.href, token, warning }
}

describe('findConnection', () => {
  it('finds the data directory here before the one of the user', () => {
    running('home/.local/state/fairlead', 'http://127.0.0.1:1', 'users')
    expect(find()).toMatchObject({ url: 'http://127.0.0.1:1/', token: 'users' })
    running('work/.fairlead', 'http://127.0.0.1:2', 'here')
    expect(find()).toMatchObject({ url: 'http://127.0.0.1:2/', token: 'here' })
    running('state/fairlead', 'http://127.0.0.1:3', 'state')
    running('named', 'http://[::1]:4', 'named')
    expect(find({}, { FAIRLEAD_DATA_DIR: join(folder, 'named') })).toMatchObject({ token: 'named' })
    expect(find({ dataDir: '../named' })).toMatchObject({ url: 'http://[::1]:4/', token: 'named' })
  })

  it('lets an option win over the environment, and that over what is found', () => {
    running('work/.fairlead', 'http://127.0.0.1:2', 'found')
    writeFileSync(join(folder, 'file.token'), 'from-file\n')
    const environment = { FAIRLEAD_URL: 'http://localhost:5', FAIRLEAD_TOKEN: 'environment' }
    expect(find({}, environment)).toMatchObject({ url: 'http://localhost:5/', token: 'environment' })
    expect(find({ url: 'http://127.0.0.1:6/base' }, environment)).toMatchObject({
      url: 'http://127.0.0.1:6/base/',
    })
    expect(find({ token: 'option' }, environment)).toMatchObject({ token: 'option' })
    expect(find({ tokenFile: '../file.token' }, environment)).toMatchObject({ token: 'from-file' })
  })

  it('never gives the token of a data directory to another address', () => {
    running('work/.fairlead', 'http://127.0.0.1:2', 'secret')
    expect(find({ url: 'http://127.0.0.1:2' })).toMatchObject({ token: 'secret' })
    for (const url of ['http://127.0.0.1:3', 'https://127.0.0.1:2', 'http://elsewhere.test:2'])
      expect(() => find({ url })).toThrow(expect.objectContaining({ exitCode: EXIT.unreachable }))
  })

  it('never gives a token to an address that nobody named but a file in this folder', () => {
    running('work/.fairlead', 'https://evil.test', 'x')
    expect(() => find({}, { FAIRLEAD_TOKEN: 'secret' })).toThrow('name the address with --url')
    expect(find()).toMatchObject({ url: 'https://evil.test/', token: 'x' })
  })

  it('warns of clear text to another machine only', () => {
    const token = 't'
    expect(find({ url: 'http://192.0.2.1:5380', token }).warning).toContain('unencrypted')
    for (const url of ['https://192.0.2.1', 'http://127.0.0.1', 'http://[::1]:1', 'http://localhost:1'])
      expect(find({ url, token }).warning).toBeNull()
  })

  it.each(['not an address', 'ftp://127.0.0.1', 'http://user:secret@127.0.0.1', 'http://127.0.0.1?x=1'])(
    'refuses the address %s',
    (url) => {
      expect(() => find({ url, token: 't' })).toThrow(expect.objectContaining({ exitCode: EXIT.badInput }))
    },
  )

  it('says what it looked at when there is nothing, and which file it cannot read', () => {
    expect(() => find()).toThrow(/looked in .*work\/\.fairlead, .*fairlead, \/var\/lib\/fairlead/)
    const path = running('work/.fairlead', 'http://127.0.0.1:2', 'multi\nline')
    expect(() => find()).toThrow('holds no token')
    writeFileSync(join(folder, path, 'token'), '')
    expect(() => find()).toThrow('holds no token')
    expect(() => find({ tokenFile: 'absent' })).toThrow(
      expect.objectContaining({ exitCode: EXIT.fileAccess }),
    )
  })
})

describe('findApi', () => {
  const api = (options: ConnectionOptions = {}, environment: Record<string, string> = {}) => {
    const [workingDirectory, homeDirectory] = [join(folder, 'work'), join(folder, 'home')]
    const { url, token, authorities } = findApi(
      options,
      fakeIo({ environment, workingDirectory, homeDirectory }),
    )
    return { url: url.href, token, authorities }
  }

  it('takes neither an address nor authorities from the folder where it runs', () => {
    running('work/.fairlead', 'https://control.test', 'x')
    writeFileSync(join(folder, 'work/.fairlead/api-ca.pem'), 'planted')
    expect(() => api()).toThrow('name the control with --url')
    expect(api({ url: 'https://control.test' })).toMatchObject({ authorities: null })
    running('home/.local/state/fairlead', 'https://before.test', 'before')
    writeFileSync(join(folder, 'home/.local/state/fairlead/api-ca.pem'), 'own')
    const before = { url: 'https://before.test/', token: null, authorities: 'own' }
    expect(api()).toEqual(before)
    expect(api({ url: 'https://before.test' })).toEqual(before)
    expect(api({}, { FAIRLEAD_URL: 'https://other.test' })).toMatchObject({ authorities: null })
    expect(api({ dataDir: '.fairlead' })).toMatchObject({ url: 'https://control.test/' })
  })
})
