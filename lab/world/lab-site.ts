/** One data centre of a lab: a checker, a nameserver with its PowerDNS, endpoints, and at some of them a control. */
import { join } from 'node:path'
import { findServers } from '../../src/adapters/powerdns/running-servers.ts'
import type { ServiceProcess } from '../../test/e2e/harness/service-process.ts'
import type { Endpoint } from './endpoint.ts'

export interface LabSite {
  readonly name: string
  readonly checker: ServiceProcess
  readonly nameserver: ServiceProcess
  readonly control: ServiceProcess | null
  readonly endpoints: readonly Endpoint[]
}

export function servicesOf({ control, checker, nameserver }: LabSite): ServiceProcess[] {
  return [...(control === null ? [] : [control]), checker, nameserver]
}

/** The process ids of the PowerDNS of this site; none while it is gone. */
export function powerdnsOf({ nameserver }: LabSite): number[] {
  return findServers(join(nameserver.dataDir, 'powerdns', 'conf')).map(({ pid }) => pid)
}

export function signalPowerdns(site: LabSite, signal: NodeJS.Signals): void {
  for (const pid of powerdnsOf(site)) process.kill(pid, signal)
}
