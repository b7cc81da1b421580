/** Keys, tags, digests and hashes against the examples of the RFCs, and keys against PowerDNS's own tool. */
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { DnssecAlgorithm } from '../../core/model/dnssec.ts'
import { dnskeyText, dsTexts, keyTag } from './dnskey.ts'
import { newKeyPair } from './key-pair.ts'
import { CLOSED_VAULT, newEncryptionKey, vaultOf } from './key-vault.ts'
import { loadVault } from './load-vault.ts'
import { nsec3Hash } from './nsec3-hash.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fairlead-dnssec-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

describe('records of a key', () => {
  it('are those of RFC 6605 6.1 (P-256)', () => {
    const publicKey =
      'GojIhhXUN/u4v54ZQqGSnyhWJwaubCvTmeexv7bR6edbkrSqQpF64cYbcB7wNcP+e+MAnLr+Wi9xMWyQLc8NAA=='
    const key = { role: 'ksk', algorithm: 13, publicKey } as const
    expect(dnskeyText(key)).toBe(`257 3 13 ${publicKey}`)
    expect(keyTag(key)).toBe(55_648)
    expect(dsTexts('example.net', key)[0]).toBe(
      '55648 13 2 b4c8c1fe2e7477127b27115656ad6256f424625bf5c1e2770ce6d6e37df61d17',
    )
  })

  it('are those of RFC 8080 6.1 (Ed25519)', () => {
    const key = {
      role: 'ksk',
      algorithm: 15,
      publicKey: 'l02Woi0iS8Aa25FQkUd9RMzZHJpBoRQwAQEX1SxZJA4=',
    } as const
    expect(keyTag(key)).toBe(3_613)
    expect(dsTexts('EXAMPLE.com'.toLowerCase(), key)[0]).toBe(
      '3613 15 2 3aa5ab37efce57f737fc1627013fee07bdf241bd10f3b1964ab55c78e79a304b',
    )
  })

  it('hashes names as PowerDNS and ldns do', () => {
    const name = 'www.sub.example.test'
    expect(nsec3Hash(name)).toMatch(/^[0-9a-v]{32}$/)
    const ldns = execFileSync('ldns-nsec3-hash', ['-t', '0', name], { encoding: 'utf8' }).trim()
    expect(`${nsec3Hash(name)}.`).toBe(ldns)
  })
})

describe('new key pairs', () => {
  const ALGORITHMS: readonly DnssecAlgorithm[] = [8, 13, 14, 15]

  it.each(ALGORITHMS)(
    'PowerDNS reads one of algorithm %i and comes to the same DNSKEY and DS',
    async (algorithm) => {
      const { publicKey, privateText } = await newKeyPair(algorithm)
      const key = { role: 'csk', algorithm, publicKey } as const
      const shown = importKey(privateText)
      expect(shown).toContain(dnskeyText(key))
      expect(shown).toContain(`ID = ${keyTag(key)}`.replace('ID = ', 'tag = '))
      for (const ds of dsTexts('example.test', key)) expect(shown).toContain(ds)
    },
  )

  /** What `pdnsutil show-zone` says of a zone with this key. */
  function importKey(privateText: string): string {
    const conf = ['launch=gsqlite3', `gsqlite3-database=${folder}/z.db`, 'gsqlite3-dnssec=yes']
    writeFileSync(join(folder, 'pdns.conf'), `${conf.join('\n')}\n`)
    writeFileSync(join(folder, 'key'), privateText)
    const schema = readFileSync('/usr/share/doc/pdns-backend-sqlite3/schema.sqlite3.sql', 'utf8')
    execFileSync('sqlite3', [join(folder, 'z.db')], { input: schema })
    const tool = (...args: string[]) =>
      execFileSync('pdnsutil', [`--config-dir=${folder}`, ...args], { encoding: 'utf8', stdio: 'pipe' })
    tool('create-zone', 'example.test')
    tool('import-zone-key', 'example.test', join(folder, 'key'), 'active', 'ksk')
    return tool('show-zone', 'example.test')
  }
})

describe('the vault', () => {
  it('opens what it sealed, for the same purpose only', () => {
    const vault = vaultOf(newEncryptionKey())
    const sealed = vault.seal('a secret', 'dnssec example.test 1')
    expect(sealed).not.toContain('secret')
    expect(vault.seal('a secret', 'dnssec example.test 1')).not.toBe(sealed)
    expect(vault.open(sealed, 'dnssec example.test 1')).toBe('a secret')
    expect(() => vault.open(sealed, 'dnssec example.test 2')).toThrow(/changed, or is that of another zone/)
    const [name = '', body = ''] = sealed.split('.')
    const bytes = Buffer.from(body, 'base64')
    for (const at of [0, 12, bytes.length - 1]) {
      const changed = Buffer.from(bytes)
      changed[at] = (changed[at] ?? 0) ^ 1
      expect(() => vault.open(`${name}.${changed.toString('base64')}`, 'dnssec example.test 1')).toThrow(
        /changed/,
      )
    }
    for (const broken of ['', name, `${name}.`, `${name}.AAAA`])
      expect(() => vault.open(broken, 'dnssec example.test 1')).toThrow()
  })

  it('goes on opening with a key that was replaced, and says which key is missing', () => {
    const [old, next] = [newEncryptionKey(), newEncryptionKey()]
    const sealed = vaultOf(old).seal('a secret', 'p')
    const both = vaultOf(`# rotated in November\n${next}\n\n${old}\n`)
    expect(both.open(sealed, 'p')).toBe('a secret')
    expect(() => vaultOf(next).open(both.seal('b', 'p').replace(/^/, 'x'), 'p')).toThrow(/which is not here/)
    expect(vaultOf(next).open(both.seal('b', 'p'), 'p')).toBe('b')
    expect(() => vaultOf(next).open(sealed, 'p')).toThrow(/encrypted with the key-encryption key [0-9a-f]{8}/)
  })

  it.each(['', '# nothing', 'short', `${'A'.repeat(43)}!`, Buffer.alloc(31).toString('base64')])(
    'refuses %j as a key',
    (text) => {
      expect(() => vaultOf(text)).toThrow(/openssl rand -base64 32/)
    },
  )

  it('opens nothing without a key', () => {
    expect(CLOSED_VAULT.hasKey).toBe(false)
    expect(() => CLOSED_VAULT.open('x.y', 'p')).toThrow(/--dnssec-key-file/)
    expect(loadVault({}).hasKey).toBe(false)
  })

  it('makes its file once, for its owner only, and refuses one that is open to everybody', () => {
    const file = join(folder, 'dnssec.key')
    const sealed = loadVault({ file, make: true }).seal('a', 'p')
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(loadVault({ file, make: true }).open(sealed, 'p')).toBe('a')
    expect(loadVault({ text: readFileSync(file, 'utf8') }).open(sealed, 'p')).toBe('a')
    chmodSync(file, 0o644)
    expect(() => loadVault({ file })).toThrow(/chmod 600/)
    expect(() => loadVault({ file: join(folder, 'none') })).toThrow(/cannot read/)
    writeFileSync(join(folder, 'bad'), 'x\n', { mode: 0o600 })
    expect(() => loadVault({ file: join(folder, 'bad') })).toThrow(/bad: key 1 is not base64 of 32 bytes/)
  })
})
