/** Each SPEC.md and the tests beside it name the same ids: a rule without a test, or a test without a rule, fails here. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

/** Folder of a SPEC.md: folders of its tests. */
const FOLDERS = {
  dnssec: ['dnssec'],
  health: ['health', 'steering', '../checker', '../sim'],
  'steering/state': ['steering/state'],
}
const TITLE = /\bit\(\s*(['"`])((?:[A-Z]\d+ )+)/g
const ROW = /^\| ([A-Z]\d+) +\|.*\| ([a-z][a-z.,\- ]*?) +\|$/

/** 'V14 verdict.test.ts' for every id of every test. */
function idsOfTests(folders: readonly string[]): string[] {
  const files = folders.flatMap((folder) => {
    const path = join(import.meta.dirname, folder)
    const names = readdirSync(path).filter((file) => file.endsWith('.test.ts'))
    return names.map((file) => ({ file, text: readFileSync(join(path, file), 'utf8') }))
  })
  return files.flatMap(({ file, text }) =>
    Array.from(text.matchAll(TITLE), (match) => match[2] ?? '')
      .flatMap((ids) => ids.trim().split(' '))
      .map((id) => `${id} ${file}`),
  )
}

/** The same for every row of SPEC.md. */
function idsOfSpec(folder: string): string[] {
  return specOf(folder)
    .split('\n')
    .flatMap((line) => {
      const [, id, files] = ROW.exec(line) ?? []
      return id === undefined || files === undefined ? [] : files.split(', ').map((file) => `${id} ${file}`)
    })
}

function specOf(folder: string): string {
  return readFileSync(join(import.meta.dirname, folder, 'SPEC.md'), 'utf8')
}

describe.each(Object.entries(FOLDERS))('%s/SPEC.md', (folder, testFolders) => {
  it('every row has its test, in the file it names', () => {
    const tests = new Set(idsOfTests(testFolders))
    expect(idsOfSpec(folder).filter((id) => !tests.has(id))).toEqual([])
  })

  it('every id of a test has its row', () => {
    const rows = new Set(idsOfSpec(folder))
    expect(idsOfTests(testFolders).filter((id) => !rows.has(id))).toEqual([])
  })

  it('no id stands for two rules, and every table row is read', () => {
    const rows = specOf(folder).match(/^\| [A-Z]\d+ /gm) ?? []
    expect(new Set(rows).size).toBe(rows.length)
    expect(new Set(idsOfSpec(folder).map((id) => id.split(' ')[0])).size).toBe(rows.length)
  })
})
