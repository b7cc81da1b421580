/**
 * PowerDNS's control socket, spoken directly: what `pdns_control` does, without a process a command.
 * The server takes one line a connection, answers, and closes (dynlistener.cc, 4.7); one thread serves it, one connection
 * after the other, so a command that is not answered at once may be waiting behind somebody else's.
 * What must stay true: every command ends within its time; a command can hold nothing but names that were checked.
 */
import { connect } from 'node:net'

/** A command that PowerDNS did not answer, or answered with what is not an answer to it. */
export class ControlSocketError extends Error {
  constructor(message: string, options?: { readonly cause?: unknown }) {
    super(message, options)
    this.name = 'ControlSocketError'
  }
}

const DEFAULT_TIMEOUT_MS = 1_000
/** The server reads lines of up to 1,024,000 bytes. */
const MAX_LINE_BYTES = 512_000
const PURGEABLE = /^[a-z0-9_*.-]{1,253}\$?$/

export class ControlSocket {
  readonly #path: string

  constructor(path: string) {
    this.#path = path
  }

  /** Forgets what is cached for these names; with a '$' at its end a name stands for itself and all below it. */
  async purge(names: readonly string[], timeoutMs = DEFAULT_TIMEOUT_MS): Promise<void> {
    for (const line of purgeLines(names)) {
      const reply = await this.command(line, timeoutMs)
      // The number of cache entries that went.
      if (!/^\d+$/.test(reply)) throw new ControlSocketError(`PowerDNS answered a purge with '${reply}'`)
    }
  }

  /** True when the server's control thread answers. Never throws. */
  async answers(timeoutMs = DEFAULT_TIMEOUT_MS): Promise<boolean> {
    try {
      return (await this.command('rping', timeoutMs)) === 'PONG'
    } catch (error) {
      if (error instanceof ControlSocketError) return false
      throw error
    }
  }

  /** Such as '4.7.3'. */
  version(timeoutMs = DEFAULT_TIMEOUT_MS): Promise<string> {
    return this.command('version', timeoutMs)
  }

  /** Asks the server to end itself. */
  async quit(timeoutMs = DEFAULT_TIMEOUT_MS): Promise<void> {
    await this.command('quit', timeoutMs)
  }

  /** One line out, everything until the server closes back, trimmed. Throws ControlSocketError. */
  command(line: string, timeoutMs = DEFAULT_TIMEOUT_MS): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<string>()
    const socket = connect(this.#path)
    let reply = ''
    const fail = (detail: string, cause?: unknown) => {
      socket.destroy()
      const [word = ''] = line.split(' ', 1)
      reject(new ControlSocketError(`PowerDNS's control socket ${this.#path}: ${word}: ${detail}`, { cause }))
    }
    const timer = setTimeout(() => {
      fail(`no answer within ${timeoutMs} ms`)
    }, timeoutMs)
    socket.setEncoding('utf8')
    socket.write(`${line}\n`)
    socket.on('data', (text: string) => (reply += text))
    socket.on('error', (error) => {
      fail(error.message, error)
    })
    socket.on('end', () => {
      socket.destroy()
      resolve(reply.trim())
    })
    socket.on('close', () => {
      clearTimeout(timer)
      fail('the connection was closed without an answer')
    })
    return promise
  }
}

/** As many lines as the names need. Throws on a name that could be anything but a name. */
export function purgeLines(names: readonly string[]): string[] {
  const lines: string[] = []
  let line = 'purge'
  for (const name of names) {
    if (!PURGEABLE.test(name)) throw new TypeError('a purge is for DNS names')
    if (line.length + 1 + name.length > MAX_LINE_BYTES) {
      lines.push(line)
      line = 'purge'
    }
    line += ` ${name}`
  }
  if (names.length > 0) lines.push(line)
  return lines
}
