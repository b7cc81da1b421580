/**
 * `fairlead nameserver`: the agent beside one PowerDNS.
 * What must stay true: it needs no control to go on, nor to start once it has been told what to answer; its death changes no
 * answer.
 */
import type { Logger } from 'pino'
import { identityFilesOf } from '../adapters/authority/identity-files.ts'
import { systemClock } from '../adapters/clock/system-clock.ts'
import { openDataDir } from '../adapters/data-dir/data-dir.ts'
import { StopList } from '../adapters/service/stop-list.ts'
import { renderFront } from '../adapters/dnsdist/config.ts'
import { serviceManager } from '../adapters/systemd/notify.ts'
import type { ControlAddress } from '../adapters/transport/feed-connection.ts'
import { NodeLink } from '../adapters/transport/node-link.ts'
import { TlsIdentity, type TlsFiles } from '../adapters/transport/tls-identity.ts'
import type { KeyVault } from '../ports/key-vault.ts'
import { createNameserver } from './context.ts'
import { frontSettings } from './front/context.ts'
import type { FrontChoice } from './front/front-choice.ts'
import { createNative, type NativeOptions, type NativePublisher } from './native/context.ts'
import type { PowerdnsChoice } from './powerdns/context.ts'

export type { FrontChoice }

/** Text of the configuration for a dnsdist that the operator runs. Makes the secrets of the data directory. */
export function dnsdistConfiguration(options: {
  readonly dataDir: string
  readonly choice: FrontChoice
  readonly listening: { readonly addresses: readonly string[]; readonly port: number }
  /** Told, in words, of secrets that were damaged and are other ones now. */
  readonly onAlarm: (message: string) => void
}): string {
  return renderFront(frontSettings(options))
}

/** Within a control, which has the feed and the frames: publishes for PowerDNS servers that read a shared database. */
export async function startNative(options: Omit<NativeOptions, 'clock' | 'site'>): Promise<NativePublisher> {
  const native = await createNative({ ...options, site: NATIVE_SITE, clock: systemClock })
  native.start()
  return native
}

/** It is no site: the servers may be anywhere. */
const NATIVE_SITE = 'native'

export interface NameserverProcessOptions {
  readonly dataDir: string
  readonly controls: readonly ControlAddress[]
  readonly dns: { readonly addresses: readonly string[]; readonly port: number }
  readonly powerdns: PowerdnsChoice
  readonly geoipDatabases: readonly string[]
  /** Publish into zones of others. */
  readonly updates?: boolean | undefined
  /** A dnsdist before PowerDNS. */
  readonly front?: FrontChoice | undefined
  /** Where secondaries transfer from. */
  readonly transfers?: { readonly host: string; readonly port: number } | undefined
  /** Of the keys of signed zones. */
  readonly vault: KeyVault
  /** null: in the data directory, as join wrote them; those are renewed. */
  readonly tls: TlsFiles | null
  readonly version: string
  readonly logger: Logger
  readonly notifySocket?: string | undefined
}

export interface NameserverProcess {
  readonly name: string
  readonly site: string
  readonly dns: { readonly address: string; readonly port: number }
  /** Reads the certificates again, and asks other controls from now on. Throws CommandError, and goes on as before. */
  reload(controls: readonly ControlAddress[]): void
  /** Safe to call twice. */
  stop(): Promise<void>
}

export async function startNameserver(options: NameserverProcessOptions): Promise<NameserverProcess> {
  const { version, logger, controls, dns, powerdns, geoipDatabases, vault, transfers, front, updates } =
    options
  const clock = systemClock
  const stops = new StopList(logger)
  try {
    const { tls, identity } = TlsIdentity.of(options.tls ?? identityFilesOf(options.dataDir), 'nameserver')
    const { name, site } = identity
    const dataDir = openDataDir(options.dataDir)
    stops.add(() => {
      dataDir.release()
    })
    const renews = options.tls === null
    const link = new NodeLink({ dataDir: dataDir.path, controls, tls, renews, version, clock, logger })
    stops.add(() => link.stop())
    await link.trust.start()
    const nameserver = createNameserver({
      ...{ name, site, dataDir: dataDir.path, feed: link.feed, frames: link.frames, clock, logger },
      ...{ reporter: link.reporter, dns, powerdns, geoipDatabases, vault, transfers, front, updates },
    })
    stops.add(() => nameserver.stop())
    await link.start()
    await nameserver.start()
    stops.add(serviceManager(options.notifySocket, logger).ready())
    return {
      name,
      site,
      dns: nameserver.dns,
      reload: (next) => {
        tls.reload()
        link.setControls(next)
      },
      stop: () => stops.run(),
    }
  } catch (error) {
    await stops.run()
    throw error
  }
}
