import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { buildProgram } from '../program.ts'
import { fakeIo } from '../testing/fake-io.ts'
import { completeWords } from './complete-words.ts'

const program = buildProgram(fakeIo())

function values(...words: string[]): string[] | string {
  const completion = completeWords(program, words)
  return completion.kind === 'words' ? completion.candidates.map((one) => one.value) : completion.kind
}

describe('completeWords', () => {
  it.each([
    { words: ['ex'], offered: ['export', 'explain'] },
    { words: ['token', ''], offered: ['list', 'create', 'rotate', 'revoke', 'help'] },
    { words: ['completion', ''], offered: ['bash', 'zsh', 'fish'] },
    { words: ['delete', 'z'], offered: ['zones'] },
    { words: ['get', 'rev'], offered: ['revisions'] },
    { words: ['get', 'pool', ''], offered: 'names' },
    { words: ['get', '--json', 'pool', 'w'], offered: 'names' },
    { words: ['explain', ''], offered: 'names' },
    { words: ['explain', '--client', ''], offered: [] },
    { words: ['explain', '--type', 'M'], offered: ['MX'] },
    { words: ['apply', '-f', ''], offered: 'files' },
    { words: ['status', '--data-dir', ''], offered: 'files' },
    { words: ['up', ''], offered: 'files' },
    { words: ['up', '--leave'], offered: ['--leave-powerdns'] },
    { words: ['nothing', 'at', ''], offered: [] },
  ])('offers for $words', ({ words, offered }) => {
    expect(values(...words)).toEqual(offered)
  })

  it('never offers a hidden command, and never fails', () => {
    expect(values('')).not.toContain('__complete')
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string(), fc.constantFrom('get', 'apply', '-f', '--type', 'token', '-', '--')), {
          minLength: 0,
        }),
        (words) => {
          expect(() => completeWords(program, words)).not.toThrow()
        },
      ),
    )
  })
})
