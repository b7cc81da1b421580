/** Files through the command line into a real control with its real store, over HTTP, and back. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { EXIT } from '../../src/core/exit-code.ts'
import { CliRig, CONFIGURATION } from './cli-rig.ts'

let rig: CliRig
let file: string
const cli = (...args: string[]) => rig.run(args)
const pipe = (input: string, ...args: string[]) => rig.run(args, { input })

beforeAll(async () => {
  rig = await CliRig.start()
  file = join(rig.folder, 'fairlead.yaml')
  writeFileSync(file, CONFIGURATION)
})

afterAll(async () => {
  await rig.stop()
})

describe('files and the API', () => {
  it('shows what a dry run would create and changes nothing', async () => {
    const dry = await cli('apply', '-f', file, '--dry-run')
    expect(dry).toMatchObject({ code: EXIT.ok, stderr: '' })
    expect(dry.stdout).toMatch(/created +load-balancer www\.example\.test/)
    expect(dry.stdout).toContain('dry run, nothing was applied: 7 created')
    expect(rig.json(await cli('export', '--json'))).toMatchObject({ sites: [] })
  })

  it('applies a file, says so for each resource, and the second time changes nothing', async () => {
    const first = await cli('apply', '-f', file, '-m', 'the beginning')
    expect(first).toMatchObject({ code: EXIT.ok, stderr: '' })
    for (const resource of ['site ams', 'zone example.test', 'pool web', 'endpoint web/two'])
      expect(first.stdout).toContain(`created    ${resource}`)
    expect(first.stdout).toContain('applied as revision 1: 7 created, 0 changed, 0 deleted, 0 unchanged')

    const second = await cli('apply', '-f', file)
    expect(second).toMatchObject({ code: EXIT.ok, stderr: '' })
    expect(second.stdout).toContain('unchanged  endpoint web/two')
    expect(second.stdout).toContain('nothing to change: all is as the files say (revision 1)')
    expect(rig.json(await cli('apply', '-f', file, '--json'))).toMatchObject({
      outcome: 'unchanged',
      revision: 1,
      changes: [],
    })
  })

  it('takes its own export back unchanged, as YAML and as JSON', async () => {
    for (const args of [['export'], ['export', '--json']]) {
      const exported = await cli(...args)
      expect(exported).toMatchObject({ code: EXIT.ok, stderr: '' })
      expect((await pipe(exported.stdout, 'apply', '-f', '-')).stdout).toContain('nothing to change')
      expect((await pipe(exported.stdout, 'validate', '-f', '-')).stdout).toContain('valid: 1 site')
    }
  })

  it('shows differences field by field and exits 3, and 0 where there is none', async () => {
    expect(await cli('diff', '-f', file)).toMatchObject({
      code: EXIT.ok,
      stdout: 'no difference (revision 1)\n',
    })
    const changed = CONFIGURATION.replace('weight: 3', 'weight: 5').replace("'hello'", "'hello', 'you'")
    const diff = await pipe(changed, 'diff', '-f', '-')
    expect(diff.code).toBe(EXIT.differs)
    expect(diff.stdout).toContain('~ endpoint web/two\n    - weight: 3\n    + weight: 5\n')
    expect(diff.stdout).toContain('~ zone example.test\n    - records/0/values: ["hello"]\n')
    const parsed = await pipe(changed, 'diff', '-f', '-', '--json')
    expect(parsed.code).toBe(EXIT.differs)
    expect(rig.json(parsed)).toMatchObject({ outcome: 'dry-run' })
  })

  it('prunes what is not in the files, and never everything', async () => {
    const extra = 'sites: [{name: extra}]\n'
    expect((await pipe(extra, 'apply', '-f', '-')).stdout).toContain('created    site extra')
    expect((await cli('apply', '-f', file)).stdout).toContain('nothing to change')
    const diff = await cli('diff', '-f', file, '--prune')
    expect(diff).toMatchObject({ code: EXIT.differs, stdout: '- site extra\n' })
    expect((await cli('apply', '-f', file, '--prune')).stdout).toContain('deleted    site extra')
    expect(rig.json(await cli('export', '--json'))).toMatchObject({ sites: [{ name: 'ams' }] })
    const empty = await pipe('sites: []\n', 'apply', '-f', '-', '--prune')
    expect(empty.code).toBe(EXIT.badInput)
    expect(empty.stderr).toContain('--prune would delete everything')
  })

  it('places what the server finds wrong in the files', async () => {
    const wrong = join(rig.folder, 'wrong.yaml')
    writeFileSync(
      wrong,
      'loadBalancers:\n  - name: api.example.test\n    zone: example.tst\n    policy:\n      kind: all\n      pools: [web, wbe]\n',
    )
    const result = await cli('apply', '-f', wrong)
    expect(result.code).toBe(EXIT.badInput)
    expect(result.stderr).toContain(
      `${wrong}:3:11: there is no zone 'example.tst', did you mean 'example.test'?`,
    )
    expect(result.stderr).toContain(`${wrong}:6:20: there is no pool 'wbe'`)
    expect(result.stderr).toContain('2 faults in 1 file')
    const asJson = await cli('apply', '-f', wrong, '--json')
    expect(JSON.parse(asJson.stdout)).toMatchObject({
      error: { exitCode: EXIT.badInput, faults: [{ file: wrong, line: 3, column: 11 }, { line: 6 }] },
    })
  })

  it('finds every mistake offline, before anything is sent', async () => {
    const text = 'sites:\n  - {name: A, contry: NL}\n  - {nme: b}\n'
    for (const command of ['validate', 'apply', 'diff']) {
      const result = await pipe(text, command, '-f', '-')
      expect(result.code).toBe(EXIT.badInput)
      expect(result.stdout).toBe('')
      expect(result.stderr).toContain("<stdin>:2:15: unknown field 'contry', did you mean 'country'?")
      expect(result.stderr).toContain("<stdin>:3:5: 'name' is missing: text is expected")
      expect(result.stderr).toContain("<stdin>:3:6: unknown field 'nme', did you mean 'name'?")
      expect(result.stderr).not.toContain('\u001b')
    }
    expect((await cli('apply', '-f', join(rig.folder, 'absent.yaml'))).code).toBe(EXIT.fileAccess)
  })
})
