/** Sites on a network: certificates, settings and processes, none of them started yet. */
import { join } from 'node:path'
import type { CertificateAuthority } from '../../src/adapters/probes/testing/certificates.ts'
import { ServiceProcess } from '../../test/e2e/harness/service-process.ts'
import { HOST, hostAddress } from '../network/addresses.ts'
import type { Network } from '../network/network.ts'
import { Endpoint } from './endpoint.ts'
import { checkerName, FRAMES_PORT, LAB_NAME, nameserverName } from './lab-document.ts'
import type { LabSite } from './lab-site.ts'

export const NODES_PORT = 5_381
/** At so many sites, from the first one, there is a control. */
const CONTROLS = 2
/** Two places in the API's own network are never the same one, so the port may be. */
export const API_PORT = 5_380
export const DNS_PORT = 53

export interface SitesOptions {
  readonly folder: string
  readonly network: Network
  readonly sites: readonly string[]
  readonly endpointsPerSite: number
  /** URL of the store of the controls. */
  readonly store: string
  readonly authority: CertificateAuthority
}

export function buildSites(options: SitesOptions): LabSite[] {
  const controls = options.sites.slice(0, CONTROLS).map((_, index) => {
    const { v4, v6 } = hostAddress(index + 1, HOST.control)
    // One by each family.
    return index === 0 ? `${v4}:${NODES_PORT}` : `[${v6}]:${NODES_PORT}`
  })
  const builder = new SiteBuilder(options, controls)
  return options.sites.map((site, index) => builder.build(site, index + 1))
}

class SiteBuilder {
  readonly #options: SitesOptions
  readonly #controls: readonly string[]

  constructor(options: SitesOptions, controls: readonly string[]) {
    this.#options = options
    this.#controls = controls
  }

  build(site: string, number: number): LabSite {
    const { network, endpointsPerSite, store } = this.#options
    const address = (host: number) => {
      const pair = hostAddress(number, host)
      network.addAddress(site, pair)
      return pair
    }
    const [dns, frames] = [address(HOST.nameserver), address(HOST.checker)]
    const place = this.#controls[number - 1]
    if (place !== undefined) address(HOST.control)
    const controls = [...this.#controls]
    return {
      name: site,
      control:
        place === undefined
          ? null
          : this.#service('control', {
              site,
              name: `c${number}`,
              settings: { store, api: `127.0.0.1:${API_PORT}`, nodes: place },
            }),
      checker: this.#service('checker', {
        ...{ site, name: checkerName(site) },
        settings: { controls, frames: `${frames.v4}:${FRAMES_PORT}` },
      }),
      nameserver: this.#service('nameserver', {
        ...{ site, name: nameserverName(site) },
        settings: { controls, dnsAddress: [dns.v4, dns.v6], dnsPort: DNS_PORT },
      }),
      endpoints: Array.from({ length: endpointsPerSite }, (_, index) => {
        const name = `${site}-e${index + 1}`
        // The last one of each site speaks HTTPS.
        const isSecure = index === endpointsPerSite - 1
        const tls = isSecure ? this.#options.authority.issue(name, [`DNS:${LAB_NAME}`]) : undefined
        const about = { name, site, address: address(HOST.endpoint + index), tls }
        return new Endpoint(about, network.prefix(site))
      }),
    }
  }

  #service(
    command: ServiceProcess['command'],
    about: { readonly site: string; readonly name: string; readonly settings: Record<string, unknown> },
  ): ServiceProcess {
    const { site, name, settings } = about
    const { folder, network, authority } = this.#options
    const path = command === 'control' ? name : `${site}/${name}`
    const { certificateFile, keyFile } = authority.issue(name, [`URI:fairlead://${command}/${path}`])
    const dataDir = join(folder, name)
    return new ServiceProcess(command, {
      ...{ folder, name, prefix: network.prefix(site) },
      // Each program is compiled once for all of its starts.
      environment: { NODE_COMPILE_CACHE: join(folder, 'compiled') },
      settings: { dataDir, certificateFile, keyFile, caFile: authority.caFile, ...settings },
    })
  }
}
