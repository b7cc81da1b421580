/** The check of the dialect refuses what the list's words alone let in. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { dialectFaults } from './sql-words.ts'

const words =
  'create table x id serial primary key text alter add column certificates listen fairlead_revision select'
const allowed = new Set([...words.split(' '), 'not', 'null', 'if', 'exists', 'name', 'other', 'from'])
const faultsOf = (...texts: string[]) =>
  dialectFaults(
    texts.map((text, session) => ({ text, session })),
    allowed,
  ).faults

it.each([
  ['create table x (id serial primary key)', 'serial'],
  ['create table x (id text, "other"\n  bigserial not null)', 'bigserial'],
  ['alter table x add column id SERIAL', 'serial'],
  ['alter table x add id smallserial', 'smallserial'],
])('%s: a type that CockroachDB counts otherwise', (text, type) => {
  expect(faultsOf(text)).toContain(`the type ${type}`)
})

it('a column may be called so', () => {
  for (const text of [
    'create table certificates (serial text not null primary key)',
    'create table if not exists x (id text, serial text, primary key (serial))',
    'create table "x" ("serial" text not null)',
    'alter table x add column serial text',
    'select serial from certificates',
  ])
    expect([text, faultsOf(text)]).toEqual([text, []])
})

it('listen is for the one connection of the hints, and for nothing else on it', () => {
  expect(faultsOf('listen fairlead_revision', 'select id from x')).toEqual([])
  expect(faultsOf('listen other')).toHaveLength(1)
  const shared = ['listen fairlead_revision', 'select id from x'].map((text) => ({ text, session: 7 }))
  expect(dialectFaults(shared, allowed).faults[0]).toContain(
    'listen by a connection that is asked something else',
  )
})

it('listen stands in one module', () => {
  const source = join(import.meta.dirname, '../../src')
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  )
  const asking = files.filter((name) =>
    /[`'"]\s*(?:un)?listen\s+[\w$"]/i.test(readFileSync(join(source, name), 'utf8')),
  )
  expect(
    asking.filter((name) => name.startsWith('adapters/sql') || name.startsWith('adapters/powerdns')),
  ).toEqual(['adapters/sql/postgres/revision-hints.ts'])
})
