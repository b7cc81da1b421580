import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { replaceFile } from './replace-file.ts'

const newPath = () => join(mkdtempSync(join(tmpdir(), 'fairlead-durable-')), 'file')

it('replaces the whole content and leaves nothing beside it', async () => {
  const path = newPath()
  await replaceFile(path, 'a long first content')
  await replaceFile(path, 'short')
  expect(readFileSync(path, 'utf8')).toBe('short')
  expect(readdirSync(join(path, '..'))).toEqual(['file'])
})

it('is readable by its owner only, whatever an earlier try left', async () => {
  const path = newPath()
  writeFileSync(`${path}.new`, 'a part of')
  chmodSync(`${path}.new`, 0o666)
  await replaceFile(path, 'all')
  expect([readFileSync(path, 'utf8'), statSync(path).mode & 0o777]).toEqual(['all', 0o600])
})

it('fails with the path, and leaves what stands there', async () => {
  const path = newPath()
  mkdirSync(join(path, 'full'), { recursive: true })
  await expect(replaceFile(path, 'text')).rejects.toThrow(path)
  expect(readdirSync(path)).toEqual(['full'])
})
