/** Each SPEC.md and the tests beside it name the same ids: a rule without a test, or a test without a rule, fails here. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const FOLDERS = ['health', 'steering/state'].map((name) => join(import.meta.dirname, name))
const TITLE = /\bit\(\s*(['"`])((?:[A-Z]\d+ )+)/g
const ROW = /^\| ([A-Z]\d+) +\|.*\| ([a-z][a-z.,\- ]*?) +\|$/

/** 'V14 verdict.test.ts' for every id of every test. */
function idsOfTests(folder: string): string[] {
  const files = readdirSync(folder).filter((file) => file.endsWith('.test.ts'))
  return files.flatMap((file) =>
    Array.from(readFileSync(join(folder, file), 'utf8').matchAll(TITLE), (match) => match[2] ?? '')
      .flatMap((ids) => ids.trim().split(' '))
      .map((id) => `${id} ${file}`),
  )
}

/** The same for every row of SPEC.md. */
function idsOfSpec(folder: string): string[] {
  return readFileSync(join(folder, 'SPEC.md'), 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [, id, files] = ROW.exec(line) ?? []
      return id === undefined || files === undefined ? [] : files.split(', ').map((file) => `${id} ${file}`)
    })
}

describe.each(FOLDERS)('%s/SPEC.md', (folder) => {
  it('every row has its test, in the file it names', () => {
    const tests = new Set(idsOfTests(folder))
    expect(idsOfSpec(folder).filter((id) => !tests.has(id))).toEqual([])
  })

  it('every id of a test has its row', () => {
    const rows = new Set(idsOfSpec(folder))
    expect(idsOfTests(folder).filter((id) => !rows.has(id))).toEqual([])
  })

  it('no id stands for two rules, and every table row is read', () => {
    const rows = readFileSync(join(folder, 'SPEC.md'), 'utf8').match(/^\| [A-Z]\d+ /gm) ?? []
    expect(new Set(rows).size).toBe(rows.length)
    expect(new Set(idsOfSpec(folder).map((id) => id.split(' ')[0])).size).toBe(rows.length)
  })
})
