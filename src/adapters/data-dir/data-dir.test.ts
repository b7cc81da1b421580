import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { EXIT } from '../../core/exit-code.ts'
import { openDataDir } from './data-dir.ts'

const temporary = () => mkdtempSync(join(tmpdir(), 'fairlead-data-'))

it('makes a private directory and gives its lock to one at a time', () => {
  const path = join(temporary(), 'a', 'b')
  const first = openDataDir(path)
  expect(statSync(path).mode & 0o777).toBe(0o700)
  expect(() => openDataDir(path, 0)).toThrow(expect.objectContaining({ exitCode: EXIT.alreadyRunning }))
  first.release()
  openDataDir(path).release()
})

it('says in one sentence why a directory cannot be used', () => {
  const file = join(temporary(), 'file')
  writeFileSync(file, '')
  expect(() => openDataDir(file)).toThrow(expect.objectContaining({ exitCode: EXIT.fileAccess }))
})

it('is free again after kill -9 of its holder', async () => {
  const path = temporary()
  const script = `
    const { openDataDir } = await import(${JSON.stringify(new URL('./data-dir.ts', import.meta.url).href)})
    const held = openDataDir(${JSON.stringify(path)})
    console.log('locked')
    setInterval(() => held.path, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    await once(child.stdout, 'data')
    expect(() => openDataDir(path, 0)).toThrow(expect.objectContaining({ exitCode: EXIT.alreadyRunning }))
  } finally {
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  openDataDir(path).release()
})
