/** What `fairlead up` is told, parsed. */
import type { Logger } from 'pino'
import type { Document } from '../core/model/document.ts'
import type { FrontChoice } from '../nameserver/front/front-choice.ts'
import type { PowerdnsChoice } from '../nameserver/powerdns/context.ts'

export interface UpOptions {
  readonly dataDir: string
  /** Name of this node, in views and logs. */
  readonly name: string
  /** Site that the checker votes for. */
  readonly site: string
  readonly api: { readonly host: string; readonly port: number }
  readonly dns: { readonly addresses: readonly string[]; readonly port: number }
  readonly powerdns: PowerdnsChoice
  /** Databases of locations (MMDB): absolute paths. */
  readonly geoipDatabases: readonly string[]
  /** Publish into zones of others. */
  readonly updates?: boolean | undefined
  /** A dnsdist before PowerDNS. */
  readonly front?: FrontChoice | undefined
  /** Where secondaries transfer from. */
  readonly transfers?: { readonly host: string; readonly port: number } | undefined
  /** Absolute; absent: made in the data directory. */
  readonly dnssecKeyFile?: string | undefined
  /** The key-encryption key itself. */
  readonly dnssecKey?: string | undefined
  /** Applied when it differs from what this data directory was last started with; null: the store is used as it is. */
  readonly document: StartDocument | null
  readonly version: string
  readonly logger: Logger
  /** NOTIFY_SOCKET of systemd, if there is one. */
  readonly notifySocket?: string | undefined
}

export interface StartDocument {
  readonly document: Document
  /** Digest of what was read, to tell whether it changed since the last start. */
  readonly digest: string
  /** Where it was read from, for the history. */
  readonly source: string
}
