/** What the routes work with. They get it from a function, so that the API can describe itself without a running control. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { Logger } from 'pino'
import type { RawServerDefault } from 'fastify'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Role } from '../core/access/access.ts'
import type { Token } from '../core/views/token.ts'
import type { Locate } from '../ports/locations.ts'
import type { SteeringKeeper } from '../readers/steering-keeper.ts'
import type { ConsoleFiles } from '../ports/console-files.ts'
import type { KeyVault } from '../ports/key-vault.ts'
import type { Store } from '../ports/store.ts'
import type { Actor } from './actor.ts'
import type { AttemptLimiter } from './people/attempt-limiter.ts'
import type { ConfigurationService } from './configuration-service.ts'
import type { DenialAuditor } from './people/denial-auditor.ts'
import type { DnssecKeys } from '../ports/dnssec-keys.ts'
import type { RolloverService } from './dnssec/rollover-service.ts'
import type { EventStreams } from './event-stream.ts'
import type { LatchKeeper } from './latch-keeper.ts'
import type { Metrics } from './metrics.ts'
import type { Observer } from './observer.ts'
import type { LoginService } from './people/login-service.ts'
import type { ProposalService } from './people/proposal-service.ts'
import type { TokenService } from './people/token-service.ts'
import type { AuthorityService } from './trust/authority-service.ts'
import type { TrustService } from './trust/trust-service.ts'

export interface ApiParts {
  readonly service: ConfigurationService
  readonly store: Store
  readonly proposals: ProposalService
  readonly tokens: TokenService
  readonly attempts: AttemptLimiter
  /** null: there is no identity provider. */
  readonly logins: LoginService | null
  readonly console: ConsoleFiles
  readonly denials: DenialAuditor
  readonly observer: Observer
  readonly steering: Pick<SteeringKeeper, 'state'>
  readonly latches: Pick<LatchKeeper, 'decideFailback'>
  readonly metrics: Metrics
  readonly rollovers: RolloverService
  readonly dnssecKeys: DnssecKeys
  readonly vault: KeyVault
  readonly streams: EventStreams
  readonly trust: TrustService
  readonly authorities: AuthorityService
  readonly locate: Locate
  /** How long transitions are kept. */
  readonly historyDays: number
}
export type Parts = () => ApiParts

export type Api = FastifyInstance<RawServerDefault, IncomingMessage, ServerResponse, Logger, ZodTypeProvider>

declare module 'fastify' {
  interface FastifyRequest {
    /** Whoever the request is from; nobody where no token is needed. */
    actor: Actor
    /** That the request came with. */
    token: Token | null
  }
  interface FastifyContextConfig {
    /** That the route is for; absent: for everybody who has a token. */
    role?: Role
  }
}
export type ApiRequest = FastifyRequest
