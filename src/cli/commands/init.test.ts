/** `fairlead init`, run again and wrongly: with a real store and real files. */
import { generateKeyPairSync } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { EXIT } from '../../core/exit-code.ts'
import { runCommandLine } from '../run-command-line.ts'
import { fakeIo } from '../testing/fake-io.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fairlead-init-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

async function init(...words: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const io = fakeIo({ workingDirectory: folder })
  await runCommandLine(['init', ...words], io)
  return { code: io.exitCode, stdout: io.stdout.text, stderr: io.stderr.text }
}
const refused = (text: string) => ({
  ...{ code: EXIT.badInput, stdout: '', stderr: expect.stringContaining(text) as unknown },
})

it('keeps what is there where it is what was asked for, and refuses what it is not', async () => {
  const c1 = ['--data-dir', 'c1', '--name', 'c1', '--address', 'c1.example.test', '--address', '2001:db8::1']
  expect((await init(...c1)).stdout).toContain('identity   fairlead://control/c1, made')
  expect((await init(...c1)).stdout).toContain('identity   fairlead://control/c1, kept')
  const before = readFileSync(join(folder, 'c1/identity.pem'), 'utf8')
  expect(await init('--data-dir', 'c1', '--name', 'c2')).toMatchObject(
    refused('is that of fairlead://control/c1'),
  )
  expect(await init(...c1, '--address', 'new.example.test')).toMatchObject(
    refused('is not for new.example.test'),
  )
  expect(readFileSync(join(folder, 'c1/identity.pem'), 'utf8')).toBe(before)
})

it('says the whole command that starts the control: its store and its key too', async () => {
  const made = await init('--name', 'c1', '--data-dir', 'c1', '--store', 'the store.sqlite')
  expect(made.stdout).toContain("next       fairlead control --data-dir c1 --store 'the store.sqlite'\n")
  const key = ['--authority-key-file', 'c1/authority.key']
  const second = await init('--name', 'c2', '--data-dir', 'c2', '--store', 'the store.sqlite', ...key)
  expect(second.stdout).toContain(
    "next       fairlead control --data-dir c2 --store 'the store.sqlite' --authority-key-file c1/authority.key\n",
  )
})

it('that is refused leaves no key that a control would take for its own', async () => {
  expect((await init('--name', 'c1', '--data-dir', 'c1', '--store', 's.sqlite')).code).toBe(EXIT.ok)
  expect(await init('--name', 'c3', '--data-dir', 'c3', '--store', 's.sqlite')).toMatchObject(
    refused('the cluster has an authority already: give the key'),
  )
  expect(existsSync(join(folder, 'c3/authority.key'))).toBe(false)
  const { privateKey } = generateKeyPairSync('ed25519')
  writeFileSync(join(folder, 'ca.key'), privateKey.export({ type: 'pkcs8', format: 'pem' }))
  const own = ['--ca-certificate', 'c1/ca.pem', '--ca-key', 'ca.key']
  expect(await init('--name', 'c4', '--data-dir', 'c4', ...own)).toMatchObject({ code: EXIT.badInput })
  expect(existsSync(join(folder, 'c4'))).toBe(false)
})
