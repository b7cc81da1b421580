/** lab/faults as a newcomer finds it: one short file for each, and what becomes of it in docs/faults.md. */
import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { expect, it } from 'vitest'
import { allFaults } from './all-faults.ts'

const FOLDER = join(import.meta.dirname, '../faults')
const PAGE = readFileSync(join(import.meta.dirname, '../../docs/faults.md'), 'utf8')
const files = globSync('*.ts', { cwd: FOLDER }).sort()

it('each file has one fault, by its name', async () => {
  expect((await allFaults()).map(({ name }) => name)).toEqual(files.map((file) => basename(file, '.ts')))
})

it.each(files)('%s has at most 40 lines, and a paragraph of its own', (file) => {
  expect(readFileSync(join(FOLDER, file), 'utf8').trimEnd().split('\n').length).toBeLessThanOrEqual(40)
  expect(PAGE).toContain(`**\`${basename(file, '.ts')}\`**`)
})

it('the example on the page is one of them as it is', () => {
  const [, example = ''] = /```ts\n(.*?)```/s.exec(PAGE) ?? []
  expect(files.map((file) => readFileSync(join(FOLDER, file), 'utf8'))).toContain(example)
})
