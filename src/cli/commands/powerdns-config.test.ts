import { expect, it } from 'vitest'
import { EXIT } from '../../core/exit-code.ts'
import { runCommandLine } from '../run-command-line.ts'
import { fakeIo } from '../testing/fake-io.ts'

async function configOf(...words: string[]) {
  const io = fakeIo()
  await runCommandLine(['powerdns-config', ...words], io)
  return io
}

it.each([
  [
    ['--mode', 'native', '--database', 'postgres://u%23x@db1/pdns'],
    "gpgsql-user cannot stand in pdns.conf: '#'",
  ],
  [
    ['--mode', 'native', '--database', 'postgres://u@db1/p%0adns'],
    'gpgsql-dbname cannot stand in pdns.conf: a control',
  ],
  [
    ['--mode', 'native', '--database', 'postgres://u@db1/p%5Cdns'],
    String.raw`gpgsql-dbname cannot stand in pdns.conf: '\'`,
  ],
  [
    ['--mode', 'native', '--database', 'postgres://u@db1/pdns?sslrootcert=/a%20b.pem'],
    'sslrootcert: a path without spaces and quotes is expected',
  ],
  [
    ['--mode', 'native', '--database', 'postgres://u@db1/pdns', '--geoip-database', '/a#b.mmdb'],
    "geoip-database-files cannot stand in pdns.conf: '#'",
  ],
  [['--database', '/var/a#b.db'], "gsqlite3-database cannot stand in pdns.conf: '#'"],
])('%j: bad input, with a sentence', async (words, sentence) => {
  const io = await configOf(...words)
  expect(io.exitCode).toBe(EXIT.badInput)
  expect(io.stderr.text).toContain(sentence)
  expect(io.stderr.text).not.toMatch(/TypeError|\n\s+at /)
  expect(io.stdout.text).toBe('')
})

it('prints the path of an authority that is on the servers, and not on this machine', async () => {
  const io = await configOf(
    '--mode',
    'native',
    '--database',
    'postgres://u@db1/pdns?sslrootcert=/etc/there/ca.pem',
  )
  expect(io.exitCode).toBe(EXIT.ok)
  expect(io.stdout.text).toContain('sslmode=verify-full sslrootcert=/etc/there/ca.pem')
})
