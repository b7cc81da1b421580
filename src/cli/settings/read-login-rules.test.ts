import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { EXIT } from '../../core/exit-code.ts'
import { InputFaultsError } from '../files/input-faults-error.ts'
import { fakeIo } from '../testing/fake-io.ts'
import { readLoginRules } from './read-login-rules.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fairlead-login-rules-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

function read(text: string) {
  writeFileSync(join(folder, 'oidc.yaml'), text)
  return readLoginRules('oidc.yaml', fakeIo({ workingDirectory: folder }))
}

async function faults(text: string): Promise<string[]> {
  const error: unknown = await read(text).catch((one: unknown) => one)
  expect(error).toMatchObject({ exitCode: EXIT.badInput })
  if (!(error instanceof InputFaultsError)) return [(error as Error).message]
  return error.faults.map(({ line, column, message }) => `${line}:${column}: ${message}`)
}

it('takes YAML and JSON, with defaults', async () => {
  const yaml = `issuer: https://login.example.net/realms/main
clientId: fairlead
mappings: [{ group: dns, role: operator, scope: { pools: ['shop-*'] } }]
`
  expect(await read(yaml)).toEqual({
    ...{ issuer: 'https://login.example.net/realms/main', clientId: 'fairlead', groupsClaim: 'groups' },
    ...{ requestScopes: ['openid', 'email'], tokenLife: '8h' },
    ...{ addresses: [], deviceWithoutNonce: false },
    mappings: [{ group: 'dns', role: 'operator', scope: { zones: [], pools: ['shop-*'] } }],
  })
  const local = { issuer: 'http://127.0.0.1:9400', clientId: 'x', mappings: [{ group: 'g', role: 'viewer' }] }
  expect(await read(JSON.stringify(local))).toMatchObject(local)
})

it('tells all faults at once, each with place and mend', async () => {
  const text = `issuer: http://login.example.net
clientID: fairlead
requestScopes: [email]
tokenLife: 30d
mappings:
  - { group: '', role: root }
  - { group: a, role: admin, scope: { zones: ['*.a.test'] } }
  - { group: b, role: editor, scope: {} }
`
  expect(await faults(text)).toEqual([
    "1:1: 'clientId' is missing: text is expected",
    '1:9: https:// is expected: http:// is for a provider on this machine only',
    "2:1: unknown field 'clientID', did you mean 'clientId'?",
    "3:16: 'openid' has to be among them",
    '4:12: between 1m and 7d is expected: a token outlives what the provider says of its owner',
    '6:7: the name of a group is expected',
    "6:24: one of 'viewer', 'operator', 'editor', 'admin' is expected",
    '7:37: a scope is for an operator or an editor: an admin could take it off',
    '8:38: a scope without a zone and without a pool allows nothing: leave it out, or choose the role viewer',
  ])
})

it.each([
  ['', /^oidc\.yaml is empty/],
  ['a: [', /not valid YAML/],
  ['a: 1\n---\nb: 2\n', /^3:1: a second document/],
  ['issuer: https://x.test/?a=b\nclientId: x\nmappings: []\n', /^1:9: the provider's issuer is expected/],
])('%j', async (text, said) => {
  expect((await faults(text)).join('\n')).toMatch(said)
})

it('refuses scopes that nobody in all groups could have together', async () => {
  const zones = (from: number) => Array.from({ length: 60 }, (_, index) => `z${from + index}.test`)
  const mappings = [0, 60].map((from) => ({
    group: `g${from}`,
    role: 'editor',
    scope: { zones: zones(from) },
  }))
  const text = JSON.stringify({ issuer: 'https://x.test', clientId: 'x', mappings })
  expect((await faults(text)).join('\n')).toContain('120 zones in the scopes of the role editor')
})

it('takes the origin of an API for an address, and nothing else', async () => {
  const of = (address: string) =>
    `{issuer: 'https://x.test', clientId: x, mappings: [{group: g, role: viewer}], addresses: ['${address}']}`
  for (const address of ['https://control-1.example.net:5380', 'https://192.0.2.1/', 'http://[::1]:5380'])
    expect(await read(of(address))).toMatchObject({ addresses: [address] })
  for (const address of ['control-1.example.net', 'https://x.test/v1', 'https://u@x.test', ''])
    expect(await faults(of(address))).toEqual([expect.stringContaining("an address of a control's API")])
})
