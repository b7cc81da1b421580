/**
 * The console of dnsdist: one line of Lua out, its output back, over one connection that is kept. Encrypted with the key of its
 * configuration (crypto_secretbox of NaCl, by tweetnacl). Source: dnsdist 1.7 dnsdist-console.cc and sodcrypto.hh; seen on 1.7.3.
 * What must stay true: commands are answered in their order, each within its time; a connection that broke is made anew for the
 * next command.
 */
import { connect, type Socket } from 'node:net'
import { randomBytes } from 'node:crypto'
import nacl from 'tweetnacl'

export class ConsoleError extends Error {
  override readonly name = 'ConsoleError'
}

export interface ConsoleOptions {
  readonly host: string
  readonly port: number
  /** 32 bytes in base64. */
  readonly key: string
}

const NONCE_BYTES = 24
const DEFAULT_TIMEOUT_MS = 1_000

interface Waiting {
  readonly resolve: (text: string) => void
  readonly reject: (error: Error) => void
}

export class DnsdistConsole {
  readonly #options: ConsoleOptions
  readonly #key: Uint8Array
  #session: Session | null = null
  /** One at a time: the console answers in order. */
  #turn: Promise<unknown> = Promise.resolve()

  constructor(options: ConsoleOptions) {
    this.#options = options
    this.#key = Buffer.from(options.key, 'base64')
  }

  /** Rejects with ConsoleError. */
  run(command: string, timeoutMs = DEFAULT_TIMEOUT_MS): Promise<string> {
    const result = this.#turn.then(() => this.#run(command, timeoutMs))
    this.#turn = result.catch(() => undefined)
    return result
  }

  /** True when it answers. Never rejects. */
  async answers(timeoutMs = DEFAULT_TIMEOUT_MS): Promise<boolean> {
    try {
      await this.run('1', timeoutMs)
      return true
    } catch (error) {
      if (error instanceof ConsoleError) return false
      throw error
    }
  }

  close(): void {
    this.#session?.end('closed')
    this.#session = null
  }

  async #run(command: string, timeoutMs: number): Promise<string> {
    if (this.#session === null || this.#session.isEnded) this.#session = new Session(this.#options, this.#key)
    const session = this.#session
    const timer = setTimeout(() => {
      session.end(`no answer within ${timeoutMs} ms`)
    }, timeoutMs)
    try {
      return await session.ask(command)
    } finally {
      clearTimeout(timer)
    }
  }
}

class Session {
  readonly #socket: Socket
  readonly #key: Uint8Array
  readonly #ours = new Uint8Array(randomBytes(NONCE_BYTES))
  #reading: Uint8Array | null = null
  #writing: Uint8Array | null = null
  #received = Buffer.alloc(0)
  #waiting: Waiting | null = null
  #command: string | null = null
  #ended: string | null = null

  constructor({ host, port }: ConsoleOptions, key: Uint8Array) {
    this.#key = key
    this.#socket = connect({ host, port, noDelay: true })
    this.#socket.write(this.#ours)
    this.#socket.on('data', (chunk) => {
      this.#received = Buffer.concat([this.#received, chunk])
      this.#take()
    })
    this.#socket.on('error', (error) => {
      this.end(error.message)
    })
    this.#socket.on('close', () => {
      this.end('the connection was closed; is the key the right one?')
    })
  }

  get isEnded(): boolean {
    return this.#ended !== null
  }

  ask(command: string): Promise<string> {
    return new Promise((resolve, reject) => {
      if (this.#ended !== null) {
        reject(new ConsoleError(`the console of dnsdist: ${this.#ended}`))
        return
      }
      this.#waiting = { resolve, reject }
      this.#command = command
      this.#send()
    })
  }

  end(reason: string): void {
    if (this.#ended !== null) return
    this.#ended = reason
    this.#socket.destroy()
    this.#waiting?.reject(new ConsoleError(`the console of dnsdist: ${reason}`))
    this.#waiting = null
  }

  #send(): void {
    if (this.#command === null || this.#writing === null) return
    const box = nacl.secretbox(new Uint8Array(Buffer.from(this.#command, 'utf8')), this.#writing, this.#key)
    this.#command = null
    increment(this.#writing)
    const length = Buffer.alloc(4)
    length.writeUInt32BE(box.length)
    this.#socket.write(Buffer.concat([length, box]))
  }

  #take(): void {
    if (this.#reading === null) {
      if (this.#received.length < NONCE_BYTES) return
      const theirs = new Uint8Array(this.#received.subarray(0, NONCE_BYTES))
      this.#received = this.#received.subarray(NONCE_BYTES)
      this.#reading = merged(this.#ours, theirs)
      this.#writing = merged(theirs, this.#ours)
      this.#send()
    }
    while (this.#received.length >= 4) {
      const length = this.#received.readUInt32BE(0)
      if (this.#received.length < 4 + length) return
      const box = new Uint8Array(this.#received.subarray(4, 4 + length))
      this.#received = this.#received.subarray(4 + length)
      const text = nacl.secretbox.open(box, this.#reading, this.#key)
      if (text === null) {
        this.end('its answer cannot be decrypted: is the key the right one?')
        return
      }
      increment(this.#reading)
      this.#waiting?.resolve(Buffer.from(text).toString('utf8'))
      this.#waiting = null
    }
  }
}

/** SodiumNonce::merge: the first half of the one, the second half of the other. */
function merged(lower: Uint8Array, higher: Uint8Array): Uint8Array {
  const half = NONCE_BYTES / 2
  return new Uint8Array([...lower.subarray(0, half), ...higher.subarray(half)])
}

/** SodiumNonce::increment: the first four bytes are a number, the highest byte first. */
function increment(nonce: Uint8Array): void {
  for (let index = 3; index >= 0; index -= 1) {
    nonce[index] = ((nonce[index] ?? 0) + 1) & 255
    if (nonce[index] !== 0) return
  }
}
