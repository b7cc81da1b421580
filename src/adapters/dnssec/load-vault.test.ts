import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { CommandError } from '../../core/exit-code.ts'
import { loadVault } from './load-vault.ts'

const folder = mkdtempSync(join(tmpdir(), 'fairlead-vault-'))
afterAll(() => {
  rmSync(folder, { recursive: true })
})

it('makes the key file once, for its owner alone, and leaves nothing beside it', () => {
  const file = join(folder, 'dnssec.key')
  const sealed = loadVault({ file, make: true }).seal('a secret', 'place')
  const text = readFileSync(file, 'utf8')
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(loadVault({ file, make: true }).open(sealed, 'place')).toBe('a secret')
  expect(readFileSync(file, 'utf8')).toBe(text)
  expect(readdirSync(folder)).toEqual(['dnssec.key'])
})

it('never takes a file that is there for a new one, whatever is in it', () => {
  const file = join(folder, 'empty.key')
  writeFileSync(file, '', { mode: 0o600 })
  expect(() => loadVault({ file, make: true })).toThrow(CommandError)
  expect(() => loadVault({ file, make: true })).toThrow(file)
  expect(readFileSync(file, 'utf8')).toBe('')
})
