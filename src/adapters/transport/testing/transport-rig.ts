/** Frame servers and readers over real mutual TLS on loopback, with an authority of the test's own. */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect, type SecureContextOptions, type TLSSocket } from 'node:tls'
import { pino } from 'pino'
import type { Frame } from '../../../core/health/frame.ts'
import { systemClock } from '../../clock/system-clock.ts'
import type { Refusal } from '../../../ports/refusals.ts'
import { CertificateAuthority } from '../../probes/testing/certificates.ts'
import { FrameClient } from '../frame-client.ts'
import { FrameServer } from '../frame-server.ts'
import { LocalFeed } from '../local-feed.ts'
import { withLength } from '../message-splitter.ts'
import { encodeReaderMessage } from '../reader-message.ts'
import { siteWithCheckers } from './site-with-checkers.ts'
import { TlsIdentity, type TlsFiles } from '../tls-identity.ts'

export const HELLO = withLength(encodeReaderMessage({ kind: 'hello', outputs: false }))

const logger = pino({ level: 'silent' })
const clock = systemClock

export class TransportRig {
  readonly authority = new CertificateAuthority()
  /** Nobody trusts it. */
  readonly stranger = new CertificateAuthority()
  /** What frame servers turned away. */
  readonly refusals: Refusal[] = []
  /** Run after each test, in reverse. */
  readonly stops: (() => Promise<void> | void)[] = []
  #issued = 0

  async cleanUp(): Promise<void> {
    for (const stop of this.stops.splice(0).reverse()) await stop()
  }

  dispose(): void {
    this.authority[Symbol.dispose]()
    this.stranger[Symbol.dispose]()
  }

  files(uri: string, by = this.authority): TlsFiles {
    this.#issued += 1
    const { certificateFile, keyFile } = by.issue(`c${this.#issued}`, [`URI:${uri}`])
    return { certificateFile, keyFile, caFile: this.authority.caFile }
  }

  identity(uri: string, by = this.authority): TlsIdentity {
    return new TlsIdentity(this.files(uri, by))
  }

  /** A certificate with any name by any authority, as no process of ours would use it. */
  odd(name: string, by = this.authority): SecureContextOptions {
    this.#issued += 1
    const { cert, key } = by.issue(`c${this.#issued}`, [name])
    return { cert, key, ca: readFileSync(this.authority.caFile) }
  }

  async serve(
    uri = 'fairlead://checker/ams/ams-1',
    { port = 0, ...options }: { maxUnreadBytes?: number; port?: number } = {},
  ): Promise<FrameServer> {
    const listen = { host: '127.0.0.1', port }
    const server = new FrameServer({
      listen,
      tls: this.identity(uri),
      clock,
      logger,
      onRefused: (what) => this.refusals.push(what),
      ...options,
    })
    await server.listen()
    this.stops.push(() => server.close())
    return server
  }

  /** A client whose feed names checker ams-1 at `port`; what it hears comes in order. */
  read(port: number, { outputs = false, uri = 'fairlead://nameserver/fra/ns1', clock = systemClock } = {}) {
    const feed = new LocalFeed()
    const client = new FrameClient({ feed, tls: this.identity(uri), outputs, clock, logger })
    const frames: Frame[] = []
    const waiting: (() => void)[] = []
    client.subscribe((frame) => {
      frames.push(frame)
      for (const wake of waiting.splice(0)) wake()
    })
    const publish = (revision: number, checkers: { name: string; address: string; port: number }[]) => {
      feed.publish({ revision, configuration: siteWithCheckers(checkers) })
    }
    publish(1, [{ name: 'ams-1', address: '127.0.0.1', port }])
    client.start()
    this.stops.push(() => {
      client.stop()
    })
    const until = async (holds: (frame: Frame) => boolean): Promise<Frame> => {
      for (;;) {
        const found = frames.find(holds)
        if (found !== undefined) return found
        await new Promise<void>((resolve) => waiting.push(resolve))
      }
    }
    return { client, frames, until, publish }
  }

  /** A reader by hand: what it sends and what it leaves unread is the test's own. */
  async connectRaw(port: number, tls: TlsIdentity): Promise<TLSSocket> {
    const socket = connect({
      ...{ ...tls.options, host: '127.0.0.1', port },
      checkServerIdentity: () => undefined,
    })
    this.stops.push(() => {
      socket.destroy()
    })
    await once(socket, 'secureConnect')
    return socket
  }
}
