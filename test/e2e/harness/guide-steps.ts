/**
 * What a page of docs asks its reader to do: files to write as they stand (`file=` of a block), and commands of its consoles with
 * what they show. `…` stands for anything within a line; lines that are shown come in their order, with others between them.
 */
import { readFileSync } from 'node:fs'

export type GuideStep =
  | { readonly kind: 'file'; readonly path: string; readonly text: string }
  | { readonly kind: 'command'; readonly command: string; readonly shown: readonly string[] }

export function guideSteps(page: string): GuideStep[] {
  const blocks = readFileSync(page, 'utf8').matchAll(/^```(\w+)(?: file=(\S+))?\n(.*?)^```$/gms)
  return [...blocks].flatMap(([, language, path, body = '']): GuideStep[] => {
    if (path !== undefined) return [{ kind: 'file', path, text: body }]
    if (language !== 'console') return []
    return body
      .split(/^\$ /m)
      .slice(1)
      .map((typed) => {
        const [command = '', ...shown] = typed.trimEnd().split('\n')
        return { kind: 'command', command, shown }
      })
  })
}
