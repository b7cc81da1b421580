import { expect, it } from 'vitest'
import { renderAttachSnippet, renderConfig } from './config.ts'

const settings = {
  addresses: ['127.0.0.1', '::1'],
  port: 5300,
  databasePath: '/var/lib/fairlead/powerdns/zones.db',
  socketDir: '/var/lib/fairlead/powerdns/run',
  receiverThreads: 2,
}

it('bounds staleness, serves new zones at once and opens nothing but DNS', () => {
  const lines = renderConfig(settings).trimEnd().split('\n')
  expect(lines).toEqual(
    expect.arrayContaining([
      'local-address=127.0.0.1, ::1',
      'cache-ttl=1',
      'query-cache-ttl=1',
      'negquery-cache-ttl=1',
      'zone-cache-refresh-interval=0',
      'enable-lua-records=shared',
      'webserver=no',
      'api=no',
      'disable-axfr=yes',
      'security-poll-suffix=',
    ]),
  )
  expect(new Set(lines.map((line) => line.split('=')[0])).size).toBe(lines.length)
})

it('lets no value become a line of its own', () => {
  for (const databasePath of ['/a\nwebserver=yes', '/a#b', '/a\\', '/a\rb'])
    for (const render of [
      () => renderConfig({ ...settings, databasePath }),
      () => renderAttachSnippet(databasePath),
    ])
      expect(render).toThrow('gsqlite3-database cannot stand in pdns.conf')
})

it('prints for an attached PowerDNS what the supervised one gets, but for what is its operator’s', () => {
  const own = new Set(renderConfig(settings).split('\n'))
  const snippet = renderAttachSnippet(settings.databasePath)
    .split('\n')
    .filter((line) => !line.startsWith('#'))
  expect(snippet.filter((line) => !own.has(line))).toEqual([])
  expect(snippet.join('\n')).not.toMatch(/local-|socket-dir|daemon/)
})
