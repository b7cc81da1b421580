/** The object graph of a control's trust: who may be a part of the cluster, and what other controls have revoked. */
import type { Logger } from 'pino'
import { authorities } from '../../adapters/authority/authorities.ts'
import { CLOSED_VAULT } from '../../adapters/dnssec/key-vault.ts'
import type { Clock } from '../../ports/clock.ts'
import type { KeyVault } from '../../ports/key-vault.ts'
import type { AuthorityOffer } from '../../ports/authority.ts'
import type { Store } from '../../ports/store.ts'
import type { ShownCertificate } from '../../ports/trust.ts'
import { StoreFollower } from '../store-follower.ts'
import { AuthorityService } from './authority-service.ts'
import { sealAnew } from './seal-anew.ts'
import { TrustService } from './trust-service.ts'

export interface TrustChoice {
  /** Opens the key of the cluster's authority. */
  readonly vault: KeyVault
  /** Of the certificates that it gives. */
  readonly lifeMs: number
  readonly onRevoked: (serials: readonly string[]) => void
  /** Whom to believe. Resolves with what this control shows then. */
  readonly onOffer: (offer: AuthorityOffer) => Promise<ShownCertificate | null>
}

export interface Trust {
  readonly parts: { readonly trust: TrustService; readonly authorities: AuthorityService }
  /** Resolves when it is known who is revoked. */
  start(): Promise<void>
  stop(): Promise<void>
}

/** What another control revoked is known so soon. */
const LOOK_MS = 5_000

/** Without a choice nobody can join, and nobody is there to be revoked. */
export function createTrust(
  choice: TrustChoice | undefined,
  about: {
    readonly store: Pick<Store, 'trust' | 'authorities'>
    readonly clock: Clock
    readonly logger: Logger
  },
): Trust {
  const { vault = CLOSED_VAULT, lifeMs = 0, onRevoked = () => undefined } = choice ?? {}
  const { onOffer = () => Promise.resolve(null) } = choice ?? {}
  const { clock } = about
  const { trust, authorities: store } = about.store
  const own = new AuthorityService({ store, authorities, vault, clock, onOffer })
  const service = new TrustService({ store: trust, clock, authorities: own, lifeMs, onRevoked })
  const follower = new StoreFollower({ ...about, everyMs: LOOK_MS, look: () => service.refresh() })
  return {
    parts: { trust: service, authorities: own },
    start: async () => {
      await service.refresh()
      if (choice === undefined) return
      const { sealed, faults } = await sealAnew({ store: trust, vault, clock })
      if (sealed > 0)
        about.logger.info(
          'the key of the authority was sealed anew with the first line of its key file: nothing in the store needs the other lines, backups made before do',
        )
      for (const reason of faults)
        about.logger.warn({ reason }, 'the key of the authority cannot be used here')
      follower.start()
    },
    stop: () => follower.stop(),
  }
}
