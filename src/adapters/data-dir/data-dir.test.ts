import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, mkdtempSync, statSync, writeFileSync } from 'node:fs'
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
  for (const path of [file, join(file, 'x'), '/proc/fairlead/x'])
    expect(() => openDataDir(path)).toThrow(expect.objectContaining({ exitCode: EXIT.fileAccess }))
})

it.each(['700', '750', '755'])('leaves an empty directory its permissions: %s', (octal) => {
  const mode = parseInt(octal, 8)
  const path = temporary()
  chmodSync(path, mode)
  mkdirSync(join(path, 'lost+found'))
  openDataDir(path).release()
  openDataDir(path).release()
  expect(statSync(path).mode & 0o777).toBe(mode)
  expect(statSync(join(path, 'lock')).mode & 0o777).toBe(0o600)
})

it.each(['770', '1777'])('refuses one that others may write to, and changes nothing: %s', (octal) => {
  const mode = parseInt(octal, 8)
  const path = temporary()
  chmodSync(path, mode)
  expect(() => openDataDir(path)).toThrow(/others may write.*chmod go-w/)
  expect(statSync(path).mode & 0o7777).toBe(mode)
})

it('refuses one that holds something else, and changes nothing', () => {
  const path = temporary()
  writeFileSync(join(path, 'letter.txt'), '')
  chmodSync(path, 0o755)
  const refused = {
    exitCode: EXIT.fileAccess,
    message: expect.stringContaining('no data directory') as string,
  }
  expect(() => openDataDir(path)).toThrow(expect.objectContaining(refused))
  expect(statSync(path).mode & 0o777).toBe(0o755)
})

it('tells a lock that is damaged from one that is held', () => {
  const path = temporary()
  writeFileSync(join(path, 'lock'), 'this is no lock file of Fairlead. '.repeat(40))
  const refused = { exitCode: EXIT.fileAccess, message: expect.stringContaining('lock') as string }
  expect(() => openDataDir(path, 0)).toThrow(expect.objectContaining(refused))
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
