/**
 * Server-sent events from text as it comes in (WHATWG HTML 9.2.6): any split of the text gives the same messages.
 * What must stay true: memory is bounded, whatever the server sends.
 */
export interface SseMessage {
  /** 'message' where the server names none. */
  readonly event: string
  readonly data: string
  /** The last id seen so far, '' for none. */
  readonly id: string
}

/** The longest message that is taken, in characters. */
export const MAX_MESSAGE = 4 * 1024 * 1024

export class SseParser {
  #rest = ''
  #event = ''
  #data: string[] = []
  #size = 0
  #id = ''

  /** The messages that `text` completes. Throws when one is longer than MAX_MESSAGE. */
  push(text: string): SseMessage[] {
    const messages: SseMessage[] = []
    // A CR at the very end may be the first half of a CRLF: it waits for what follows.
    const whole = this.#rest + text
    const lines = whole.replace(/\r$/, '').split(/\r\n|\n|\r/)
    this.#rest = (lines.pop() ?? '') + (whole.endsWith('\r') ? '\r' : '')
    for (const line of lines) {
      const message = this.#line(line)
      if (message !== null) messages.push(message)
    }
    if (this.#rest.length + this.#size > MAX_MESSAGE) throw new Error('an event is too long')
    return messages
  }

  #line(line: string): SseMessage | null {
    if (line === '') return this.#dispatch()
    const colon = line.indexOf(':')
    const field = colon === -1 ? line : line.slice(0, colon)
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '')
    if (field === 'event') this.#event = value
    if (field === 'data') {
      this.#data.push(value)
      this.#size += value.length + 1
    }
    if (field === 'id' && !value.includes('\0')) this.#id = value
    return null
  }

  #dispatch(): SseMessage | null {
    const message = { event: this.#event || 'message', data: this.#data.join('\n'), id: this.#id }
    const empty = this.#data.length === 0
    this.#event = ''
    this.#data = []
    this.#size = 0
    return empty ? null : message
  }
}
