import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { BuiltConsole } from './built-console.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fairlead-built-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

const build = (text: string) => {
  mkdirSync(join(folder, 'console/assets'), { recursive: true })
  writeFileSync(join(folder, 'console/assets/main-1.js'), text)
  writeFileSync(join(folder, 'console/index.html'), text)
  writeFileSync(join(folder, 'secret'), 'secret')
}

it('is what was there at the start, whatever is built later', () => {
  const early = new BuiltConsole(join(folder, 'console'))
  build('one')
  expect([early.isBuilt, early.find('index.html')]).toEqual([false, null])
  const built = new BuiltConsole(join(folder, 'console'))
  expect(built.isBuilt).toBe(true)
  build('two')
  for (const path of ['index.html', 'assets/main-1.js']) expect(String(built.find(path)?.body)).toBe('one')
  expect(built.find('index.html')).toMatchObject({ mediaType: 'text/html; charset=utf-8', isHashed: false })
  expect(built.find('assets/main-1.js')).toMatchObject({
    mediaType: 'text/javascript; charset=utf-8',
    isHashed: true,
  })
})

it('finds what is in it, and nothing else', () => {
  build('one')
  const built = new BuiltConsole(join(folder, 'console'))
  for (const path of [
    '',
    '.',
    'assets',
    '../secret',
    'assets/../index.html',
    '/index.html',
    `${folder}/secret`,
  ])
    expect([path, built.find(path)]).toEqual([path, null])
})

it('is looked for within the installation alone', () => {
  expect(BuiltConsole.folderOf('/opt/fairlead/dist/fairlead.mjs')).toBe('/opt/fairlead/dist/console')
  expect(BuiltConsole.folderOf('/src/fairlead/src/adapters/console-files/built-console.ts')).toBe(
    '/src/fairlead/dist/console',
  )
})
