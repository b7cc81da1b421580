import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parsePostgresAddress, type PostgresAddress } from './postgres-address.ts'

function address(text: string, password?: string): PostgresAddress {
  const parsed = parsePostgresAddress(text, password)
  if (parsed.kind === 'faults') throw new Error(parsed.faults.join('\n'))
  return parsed.address
}

function faults(text: string): readonly string[] {
  const parsed = parsePostgresAddress(text)
  return parsed.kind === 'faults' ? parsed.faults : []
}

describe('the URL of a store on PostgreSQL', () => {
  it('has several hosts, IPv6 too, and a server that takes writes is wanted', () => {
    expect(
      address('postgresql://me:p%40ss@db1.example.net,[2001:db8::1]:6432,192.0.2.3/fair%20lead'),
    ).toMatchObject({
      ...{ user: 'me', password: 'p@ss', database: 'fair lead', needsWrites: true, connectTimeoutMs: 3_000 },
      hosts: [
        { host: 'db1.example.net', port: 5_432 },
        { host: '2001:db8::1', port: 6_432 },
        { host: '192.0.2.3', port: 5_432 },
      ],
    })
  })

  it('takes the password from beside it, and never shows it', () => {
    expect(address('postgres://me@db/x', 'secret').password).toBe('secret')
    expect(address('postgres://me:own@db/x', 'secret').password).toBe('own')
    expect(address('postgres://me:own@db/x?password=three').place).toBe('postgres://me@db/x')
    for (const text of ['postgres://me:pass@hidden@db/x', 'postgres://me:secret%zz@db:0/'])
      expect(faults(text).join('\n')).not.toMatch(/hidden|secret/)
  })

  it('verifies the certificate unless it goes to loopback in clear, which has to be said', () => {
    const { tls } = address('postgres://me@127.0.0.1/x')
    expect(tls !== false && tls()).toMatchObject({ rejectUnauthorized: true })
    const byName = address('postgres://me@db/x?sslmode=verify-ca').tls
    expect(byName !== false && byName().checkServerIdentity?.('db', {} as never)).toBeUndefined()
    expect(address('postgres://me@127.0.0.1,[::1],localhost/x?sslmode=disable').tls).toBe(false)
    expect(faults('postgres://me@127.0.0.1,db2/x?sslmode=disable')).toEqual([
      'sslmode=disable would send the configuration in clear to db2: it is for loopback only',
    ])
    for (const mode of ['allow', 'prefer', 'require'])
      expect(faults(`postgres://me@db/x?sslmode=${mode}`)).toHaveLength(1)
  })

  it('reads the files of certificates anew each time, and says which are not there', () => {
    const folder = mkdtempSync(join(tmpdir(), 'fairlead-address-'))
    try {
      const path = join(folder, 'ca.pem')
      writeFileSync(path, 'one')
      const { tls } = address(`postgres://me@db/x?sslrootcert=${path}`)
      writeFileSync(path, 'two')
      expect(tls !== false && String(tls().ca)).toBe('two')
      expect(faults(`postgres://me@db/x?sslcert=${path}&sslrootcert=${folder}/none`)).toEqual([
        'sslcert and sslkey belong together: give both',
        expect.stringContaining('sslrootcert: ENOENT'),
      ])
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('is refused with all its faults at once', () => {
    expect(
      faults('postgres://@db:0,a b/?sslmode=x&target_session_attrs=primary&connect_timeout=0&sslmod=1').map(
        (text) => text.slice(0, 14),
      ),
    ).toEqual([
      ...[
        'a user is expe',
        'host 1 is none',
        'host 2 is none',
        'a database is ',
        'unknown parame',
        'target_session',
      ],
      ...['connect_timeou', "sslmode: 'veri"],
    ])
  })
})
