import { mkdtempSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { EXIT } from '../../core/exit-code.ts'
import { frontSecrets } from './front-secrets.ts'

let folder: string
const alarms: string[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fairlead-secrets-'))
  alarms.length = 0
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})
const secrets = () => frontSecrets(join(folder, 'front'), (message) => alarms.push(message))
const path = () => join(folder, 'front', 'secrets.json')

it('makes secrets once, for its user alone, and leaves nothing beside them', () => {
  const first = secrets()
  expect(secrets()).toEqual(first)
  expect(readdirSync(join(folder, 'front'))).toEqual(['secrets.json'])
  expect(statSync(path()).mode & 0o777).toBe(0o600)
  expect(alarms).toEqual([])
})

it.each(['', '{"consoleKey":"', '{}', '{"consoleKey":"","metricsPassword":""}', 'null'])(
  'makes others where the file holds %j, keeps that, and says so',
  (text) => {
    secrets()
    writeFileSync(path(), text)
    const made = secrets()
    expect(Buffer.from(made.consoleKey, 'base64')).toHaveLength(32)
    expect(secrets()).toEqual(made)
    expect(readFileSync(`${path()}.damaged`, 'utf8')).toBe(text)
    expect(alarms).toEqual([expect.stringContaining(path())])
  },
)

it('says which file cannot be used', () => {
  mkdirSync(path(), { recursive: true })
  expect(secrets).toThrow(expect.objectContaining({ exitCode: EXIT.fileAccess }) as Error)
  expect(secrets).toThrow(path())
})
