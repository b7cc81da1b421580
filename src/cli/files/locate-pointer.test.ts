import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseDocument, stringify } from 'yaml'
import { pointerTo } from '../../core/model/fault.ts'
import { locatePointer, segmentsOf } from './locate-pointer.ts'

interface Leaf {
  readonly pointer: string
  readonly word: string
}

/** A random tree of maps and lists whose keys and leaves are words that occur once: their place can be found by search. */
function labelled(shape: unknown): { value: unknown; leaves: Leaf[]; keys: Leaf[] } {
  const leaves: Leaf[] = []
  const keys: Leaf[] = []
  let count = 0
  const next = (prefix: string) => `${prefix}${String((count += 1)).padStart(5, '0')}`
  const build = (node: unknown, pointer: string): unknown => {
    if (Array.isArray(node)) return node.map((item, index) => build(item, pointerTo(pointer, index)))
    if (typeof node === 'object' && node !== null)
      return Object.fromEntries(
        Object.values(node).map((item) => {
          const word = next('key~/')
          const below = pointerTo(pointer, word)
          keys.push({ pointer: below, word })
          return [word, build(item, below)]
        }),
      )
    const word = next('leaf')
    leaves.push({ pointer, word })
    return word
  }
  return { value: build(shape, ''), leaves, keys }
}

const shapes = fc.letrec((tie) => ({
  node: fc.oneof({ depthSize: 'small' }, fc.constant('leaf'), tie('list'), tie('map')),
  list: fc.array(tie('node'), { maxLength: 4 }),
  map: fc.dictionary(fc.string({ minLength: 1, maxLength: 3 }), tie('node'), { maxKeys: 4 }),
})).node

const writers: Readonly<Record<string, (value: unknown) => string>> = {
  'block YAML': (value) => stringify(value, { aliasDuplicateObjects: false }),
  'flow YAML': (value) => stringify(value, { collectionStyle: 'flow' }),
  'JSON on one line': (value) => JSON.stringify(value),
  'JSON with tabs': (value) => JSON.stringify(value, null, '\t'),
  'CRLF lines': (value) => stringify(value).replaceAll('\n', '\r\n'),
  'after a comment and a marker': (value) => `# a comment\n---\n${stringify(value)}`,
}

describe('locatePointer', () => {
  it.each(Object.entries(writers))('finds every leaf and every key of any document in %s', (_, write) => {
    fc.assert(
      fc.property(shapes, (shape) => {
        const { value, leaves, keys } = labelled(shape)
        const text = write(value)
        const document = parseDocument(text)
        expect(document.errors).toEqual([])
        const quoted = (offset: number) => (text[offset] === '"' ? offset + 1 : offset)
        for (const { pointer, word } of leaves)
          expect(quoted(locatePointer(document, pointer))).toBe(text.indexOf(word))
        for (const { pointer, word } of keys)
          expect(quoted(locatePointer(document, pointer, 'key'))).toBe(text.indexOf(word))
      }),
    )
  })

  it('gives the place of the nearest thing around what is not there', () => {
    const text = 'pools:\n  - name: web\n    endpoints:\n      - name: a\n'
    const document = parseDocument(text)
    expect(locatePointer(document, '/pools/0/endpoints/0/address')).toBe(text.indexOf('name: a'))
    expect(locatePointer(document, '/pools/7/name')).toBe(text.indexOf('pools'))
    expect(locatePointer(document, '/nothing/at/all')).toBe(0)
  })

  it('follows an alias to what it stands for', () => {
    const text = 'a: &x\n  port: wrong\nb: *x\n'
    const document = parseDocument(text)
    expect(locatePointer(document, '/b/port')).toBe(text.indexOf('wrong'))
    expect(locatePointer(document, '/b')).toBe(text.indexOf('*x'))
  })

  it('reads pointers as RFC 6901 writes them', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (segments) => {
        expect(segmentsOf(pointerTo('', ...segments))).toEqual(segments)
      }),
    )
  })
})
