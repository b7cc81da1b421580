/** Whether a reply's body holds what a monitor wants. Patterns are compiled once; RE2 is linear in the body. */
import { RE2JS } from 're2js'
import type { HttpMonitor } from '../../core/model/monitor.ts'

type BodyMatch = NonNullable<HttpMonitor['bodyMatch']>

export class BodyMatcher {
  readonly #compiled = new WeakMap<BodyMatch, RE2JS>()

  /** `body` is read as UTF-8, with U+FFFD for what is not. */
  matches(match: BodyMatch, body: Buffer): boolean {
    if (match.kind === 'contains') return body.includes(match.text)
    return this.#compile(match).test(body.toString('utf8'))
  }

  #compile(match: Extract<BodyMatch, { kind: 'regex' }>): RE2JS {
    const known = this.#compiled.get(match)
    if (known !== undefined) return known
    const compiled = RE2JS.compile(match.pattern)
    this.#compiled.set(match, compiled)
    return compiled
  }
}
