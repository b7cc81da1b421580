/** A control on real HTTP with a real store, for the API's tests; frames and nameserver reports are given by hand. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { systemClock } from '../../src/adapters/clock/system-clock.ts'
import { LocalFrames } from '../../src/adapters/transport/local-frames.ts'
import { createControl, type Control, type ControlOptions } from '../../src/control/context.ts'

export interface Reply {
  readonly status: number
  readonly headers: Headers
  /** Parsed JSON, or text for other media types. */
  readonly body: unknown
}

export interface ApiRig {
  readonly control: Control
  readonly frames: LocalFrames
  readonly dataDir: string
  readonly token: string
  /** Lines of the log. */
  readonly log: string[]
  send(
    method: string,
    path: string,
    options?: { body?: unknown; headers?: Record<string, string> },
  ): Promise<Reply>
  stop(): Promise<void>
}

export interface RigOptions {
  readonly dataDir?: string
  readonly server?: ControlOptions['server']
  readonly loginRules?: ControlOptions['loginRules']
}

export async function startApi(options: RigOptions = {}): Promise<ApiRig> {
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'fairlead-api-'))
  const log: string[] = []
  const frames = new LocalFrames()
  const control = await createControl({
    dataDir,
    listen: { host: '127.0.0.1', port: 0 },
    frames,
    clock: systemClock,
    logger: pino({ level: 'trace' }, { write: (line: string) => log.push(line) }),
    version: 'test',
    ...(options.server && { server: options.server }),
    loginRules: options.loginRules,
  })
  await control.start()
  const token = readFileSync(join(dataDir, 'token'), 'utf8').trim()
  return {
    control,
    frames,
    dataDir,
    token,
    log,
    send: async (method, path, { body, headers = {} } = {}) => {
      const isText = typeof body === 'string'
      const response = await fetch(control.url + path, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: isText ? body : JSON.stringify(body) }),
      })
      const text = await response.text()
      const isJson = text !== '' && /json/.test(response.headers.get('content-type') ?? '')
      return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text }
    },
    stop: async () => {
      await control.stop()
      if (options.dataDir === undefined) rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

/** A small configuration that everything can be tried on: applied through the API. */
export const SAMPLE = {
  sites: [{ name: 'ams', country: 'NL' }, { name: 'fra' }],
  zones: [{ name: 'example.test', nameservers: ['ns.elsewhere.test'] }],
  monitors: [{ kind: 'http', name: 'alive', headers: { accept: 'text/html', 'x-probe': '1' } }],
  pools: [
    {
      name: 'web',
      monitors: ['alive'],
      endpoints: [
        { name: 'a', address: '192.0.2.1', port: 80, site: 'ams' },
        { name: 'b', address: '192.0.2.2', port: 80, site: 'fra' },
      ],
    },
  ],
  loadBalancers: [
    { name: 'www.example.test', zone: 'example.test', policy: { kind: 'all', pools: ['web'] } },
  ],
}

export function sampleChanges(): object[] {
  const put = (kind: string, specs: readonly object[]) => specs.map((spec) => ({ op: 'put', kind, spec }))
  return [
    ...put('site', SAMPLE.sites),
    ...put('zone', SAMPLE.zones),
    ...put('monitor', SAMPLE.monitors),
    ...put('pool', SAMPLE.pools),
    ...put('loadBalancer', SAMPLE.loadBalancers),
  ]
}
