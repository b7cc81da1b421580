import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { EXIT } from '../../core/exit-code.ts'
import { fakeIo } from '../testing/fake-io.ts'
import { parseUpFlags, readStartDocument, type UpFlags } from './up-options.ts'

const DEFAULTS: UpFlags = {
  site: 'local',
  api: '127.0.0.1:5380',
  dnsPort: '5300',
  view: true,
  logLevel: 'info',
}
const parse = (flags: Partial<UpFlags> = {}, environment: Record<string, string> = {}) =>
  parseUpFlags({ ...DEFAULTS, ...flags }, fakeIo({ environment, workingDirectory: '/work' }))

describe('the options of up', () => {
  it('have defaults that suit a laptop', () => {
    expect(parse()).toEqual({
      dataDir: '/work/.fairlead',
      geoipDatabases: [],
      name: 'test-host',
      site: 'local',
      api: { host: '127.0.0.1', port: 5380 },
      dns: { addresses: ['127.0.0.1'], port: 5300 },
      powerdns: { kind: 'supervise', leaveRunning: false },
      updates: false,
    })
    expect(parse({}, { FAIRLEAD_DATA_DIR: 'other' }).dataDir).toBe('/work/other')
    expect(parse({ api: '[::1]:0', dnsAddress: ['192.0.2.53', '2001:db8::53'] })).toMatchObject({
      api: { host: '::1', port: 0 },
      dns: { addresses: ['192.0.2.53', '2001:db8::53'] },
    })
    expect(parse({ attachDatabase: 'pdns.db', attachSocket: '/run/pdns' }).powerdns).toEqual({
      kind: 'attach',
      databasePath: '/work/pdns.db',
      controlSocketPath: '/run/pdns',
    })
  })

  it.each<Partial<UpFlags>>([
    { api: '5380' },
    { api: 'example.test:80' },
    { api: '127.0.0.1:70000' },
    { dnsPort: '-1' },
    { dnsPort: '0' },
    { dnsPort: '53x' },
    { dnsAddress: ['localhost'] },
    { site: 'Not A Site' },
    { name: '' },
    { attachDatabase: 'alone' },
    { attachDatabase: 'a', attachSocket: 'b', leavePowerdns: true },
  ])('refuse %o before anything starts', (flags) => {
    expect(() => parse(flags)).toThrow(expect.objectContaining({ exitCode: EXIT.badInput }))
  })

  it('read the file as a whole and tell whether it changed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'fairlead-up-'))
    const io = fakeIo({ workingDirectory: folder })
    const write = (text: string) => {
      writeFileSync(join(folder, 'f.yaml'), text)
    }
    write('sites: [{name: ams}]')
    const first = await readStartDocument('f.yaml', io)
    expect(first?.document.sites).toMatchObject([{ name: 'ams' }])
    expect((await readStartDocument('f.yaml', io))?.digest).toBe(first?.digest)
    write('sites: [{name: fra}]')
    expect((await readStartDocument('f.yaml', io))?.digest).not.toBe(first?.digest)
    write('pools: [{name: web, monitors: [absent]}]')
    await expect(readStartDocument('f.yaml', io)).rejects.toMatchObject({ exitCode: EXIT.badInput })
    expect(await readStartDocument(undefined, io)).toBeNull()
  })
})
