import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { monitorSchema, type HttpMonitor } from '../../core/model/monitor.ts'
import { followRedirect, formatRequest, hostOf, type HttpRequest } from './http-request.ts'

const target = { address: '2001:db8::7', port: 8080 }
const monitorOf = (fields: object = {}) =>
  monitorSchema.parse({ kind: 'http', name: 'm', ...fields }) as HttpMonitor
const get: HttpRequest = { method: 'GET', path: '/a/b?c' }

function follow(location: string | undefined, { host = 'www.example.test', status = 302, from = get } = {}) {
  return followRedirect(from, location, { monitor: monitorOf(), target, host, status })
}

describe('a redirect', () => {
  it.each([
    ['/x?y=1#z', '/x?y=1'],
    ['d', '/a/d'],
    ['?q', '/a/b?q'],
    ['../..//x', '//x'],
    ['http://www.example.test/x', '/x'],
    ['http://WWW.example.test:80', '/'],
    ['//www.example.test/x', '/x'],
    ['http://[2001:DB8:0::7]:8080/x', '/x'],
  ])('to %s stays here: %s', (location, path) => {
    expect(follow(location)).toEqual({ kind: 'follow', request: { method: 'GET', path } })
  })

  it.each([
    ['https://www.example.test/x', 'HTTP 302 leads elsewhere: https://www.example.test/x'],
    ['http://www.example.test:81/', 'HTTP 302 leads elsewhere: http://www.example.test:81/'],
    ['http://169.254.169.254/latest', 'HTTP 302 leads elsewhere: http://169.254.169.254/latest'],
    ['//other.example.test/x', 'HTTP 302 leads elsewhere: http://other.example.test/x'],
    ['http://user:secret@www.example.test/', 'HTTP 302 leads elsewhere: http://www.example.test/'],
    ['http://[', 'HTTP 302 to a Location that is not a URL'],
    [undefined, 'HTTP 302 without one Location header'],
  ])('to %s does not', (location, detail) => {
    expect(follow(location)).toEqual({ kind: 'refused', detail })
  })

  it.each([
    [301, 'POST', 'GET'],
    [302, 'POST', 'GET'],
    [303, 'POST', 'GET'],
    [307, 'POST', 'POST'],
    [308, 'POST', 'POST'],
    [303, 'HEAD', 'HEAD'],
    [302, 'OPTIONS', 'OPTIONS'],
  ] as const)('%i turns %s into %s', (status, method, becomes) => {
    const from: HttpRequest = { method, path: '/' }
    expect(follow('/x', { status, from })).toEqual({
      kind: 'follow',
      request: { method: becomes, path: '/x' },
    })
  })

  it('is judged by address when the Host header is no host', () => {
    expect(follow('/x', { host: 'not a host' })).toMatchObject({ kind: 'follow' })
    expect(follow('http://not-a-host/x', { host: 'not a host' })).toMatchObject({ kind: 'refused' })
  })

  it('never puts anything but one request line on the wire, whatever the Location', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.webUrl(), fc.webPath()), (location) => {
        const redirect = follow(location)
        if (redirect.kind === 'follow') expect(redirect.request.path).toMatch(/^\/[\x21-\x7e]*$/)
      }),
      { numRuns: 2_000 },
    )
  })
})

const OWN = new Set(['content-length', 'transfer-encoding', 'connection', 'host'])

describe('the request', () => {
  it('has exactly one Host, and ends with an empty line', () => {
    const name = fc.stringMatching(/^[A-Za-z-]{1,10}$/).filter((text) => !OWN.has(text.toLowerCase()))
    const header = fc.tuple(name, fc.stringMatching(/^[\x20-\x7e]{0,20}$/))
    fc.assert(
      fc.property(
        fc.array(header, { maxLength: 6 }),
        fc.option(fc.constant('h.example.test')),
        (pairs, host) => {
          const monitor = monitorOf({ headers: Object.fromEntries(pairs), ...(host !== null && { host }) })
          const text = formatRequest(get, monitor, hostOf(monitor, target))
          expect(text.match(/^host:/gim)).toHaveLength(1)
          expect(text).toContain(`\r\nHost: ${host ?? '[2001:db8::7]:8080'}\r\n`)
          expect(text.indexOf('\r\n\r\n')).toBe(text.length - 4)
        },
      ),
    )
  })

  it('leaves framing and Host to the probe: the schema refuses such headers', () => {
    for (const name of OWN)
      expect(() => monitorOf({ headers: { [name.toUpperCase()]: '5' } })).toThrow('the probe itself')
  })
})
