/**
 * Fairlead as the failover bench compares it, every part a process of its own as it is run in earnest: `fairlead up` alone, and
 * three sites with a checker and a nameserver each, joined by mutual TLS, beside one control.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CertificateAuthority } from '../src/adapters/probes/testing/certificates.ts'
import { FairleadProcess, runFairlead } from '../test/e2e/harness/fairlead-process.ts'
import { ServiceProcess } from '../test/e2e/harness/service-process.ts'
import type { SystemTarget } from './failover-watch.ts'
import { ENDPOINT_PORT, MORTAL, RISE, SPARE, TTL_SEC, type Thresholds } from './failover-world.ts'

const UP_PORT = 5_310
const DNS_PORT = 5_311
const FRAMES_PORT = 5_382
const CONTROL = '127.0.0.1:5381'
const SITES = ['ams', 'fra', 'lon'] as const
type Site = (typeof SITES)[number]

const NAMES = { confirmed: 'confirmed.fairlead.test', unconfirmed: 'unconfirmed.fairlead.test' }

export async function startOneSite(folder: string, thresholds: Thresholds): Promise<readonly SystemTarget[]> {
  const file = join(folder, 'one-site.yaml')
  writeFileSync(file, documentOf(['  - { name: ams }'], thresholds))
  const dataDir = join(folder, 'one-site')
  mkdirSync(dataDir)
  const up = new FairleadProcess({ dataDir, dnsPort: UP_PORT })
  await up.start()
  await applied(dataDir, file)
  const at = { address: '127.0.0.1', port: UP_PORT }
  return [
    { system: 'oneSiteConfirmed', ...at, name: NAMES.confirmed },
    { system: 'oneSiteUnconfirmed', ...at, name: NAMES.unconfirmed },
  ]
}

export async function startThreeSites(
  folder: string,
  authority: CertificateAuthority,
  thresholds: Thresholds,
): Promise<readonly SystemTarget[]> {
  const service = async (
    command: ServiceProcess['command'],
    about: { readonly name: string; readonly uri: string; readonly settings: Record<string, unknown> },
  ) => {
    const { name, uri } = about
    const { certificateFile, keyFile } = authority.issue(name, [`URI:${uri}`])
    const tls = { certificateFile, keyFile, caFile: authority.caFile }
    const one = new ServiceProcess(command, { folder, name, settings: { ...tls, ...about.settings } })
    await one.start()
    return one
  }
  const control = await service('control', {
    ...{ name: 'c1', uri: 'fairlead://control/c1' },
    settings: { store: join(folder, 'store.sqlite'), api: '127.0.0.1:0', nodes: CONTROL },
  })
  const file = join(folder, 'three-sites.yaml')
  const sites = SITES.map(
    (site) =>
      `  - { name: ${site}, checkers: [{ name: ${site}-1, address: ${addressOf(site)}, port: ${FRAMES_PORT} }] }`,
  )
  writeFileSync(file, documentOf(sites, thresholds))
  await applied(control.dataDir, file)
  for (const site of SITES) {
    const address = addressOf(site)
    // Each change of a register, so that a slow one can be looked into while the bench runs.
    await service('checker', {
      ...{ name: `${site}-1`, uri: `fairlead://checker/${site}/${site}-1` },
      settings: { controls: [CONTROL], frames: `${address}:${FRAMES_PORT}`, logLevel: 'debug' },
    })
    await service('nameserver', {
      ...{ name: `ns-${site}`, uri: `fairlead://nameserver/${site}/ns-${site}` },
      settings: { controls: [CONTROL], dnsAddress: [address], dnsPort: DNS_PORT },
    })
  }
  return SITES.flatMap((site) => {
    const at = { address: addressOf(site), port: DNS_PORT }
    return [
      { system: 'threeSitesConfirmed' as const, ...at, name: NAMES.confirmed },
      { system: 'threeSitesUnconfirmed' as const, ...at, name: NAMES.unconfirmed },
    ]
  })
}

function addressOf(site: Site): string {
  return `127.0.${SITES.indexOf(site) + 1}.1`
}

async function applied(dataDir: string, file: string): Promise<void> {
  const { code, stderr } = await runFairlead(['apply', '-f', file], { dataDir })
  if (code !== 0) throw new Error(`fairlead apply ended with ${code}: ${stderr}`)
}

/** The same endpoints twice, under a monitor that confirms and one that does not; all else stands at its default. */
function documentOf(sites: readonly string[], { intervalSec, timeoutSec }: Thresholds): string {
  const times = `intervalMs: ${intervalSec * 1_000}, timeoutMs: ${timeoutSec * 1_000}, rise: ${RISE}`
  const kinds = Object.entries({ confirmed: 2, unconfirmed: 1 })
  const pool = (name: string, kind: string, address: string) =>
    `  - { name: ${name}-${kind}, monitors: [${kind}], endpoints: [{ name: e, address: ${address}, port: ${ENDPOINT_PORT}, site: ams }] }`
  return [
    'sites:',
    ...sites,
    'zones: [{ name: fairlead.test, nameservers: [ns1.elsewhere.test] }]',
    'monitors:',
    ...kinds.map(([kind, fall]) => `  - { name: ${kind}, kind: http, fall: ${fall}, ${times} }`),
    'pools:',
    ...kinds.flatMap(([kind]) => [pool('mortal', kind, MORTAL), pool('spare', kind, SPARE)]),
    'loadBalancers:',
    ...kinds.map(
      ([kind]) =>
        `  - { name: ${kind}.fairlead.test, zone: fairlead.test, ttlSec: ${TTL_SEC}, policy: { kind: failover, tiers: [{ pool: mortal-${kind} }, { pool: spare-${kind} }] } }`,
    ),
    '',
  ].join('\n')
}
