/** The object graph of a control's people: who may do what, what waits for whom, and who was turned away. */
import { join } from 'node:path'
import type { Logger } from 'pino'
import { boundNonce } from '../../adapters/oidc/bound-nonce.ts'
import { IdTokenVerifier } from '../../adapters/oidc/id-token-verifier.ts'
import { tokenFile } from '../../adapters/token-file/token-file.ts'
import type { LoginRules } from '../../core/access/login-rules.ts'
import type { Clock } from '../../ports/clock.ts'
import type { OnRefused } from '../../ports/refusals.ts'
import type { Store } from '../../ports/store.ts'
import type { ConfigurationService } from '../configuration-service.ts'
import { AttemptLimiter } from './attempt-limiter.ts'
import { DenialAuditor } from './denial-auditor.ts'
import { LoginBinding } from './login-binding.ts'
import { LoginService } from './login-service.ts'
import { ProposalService } from './proposal-service.ts'
import { TokenService } from './token-service.ts'

export interface People {
  readonly tokens: TokenService
  readonly attempts: AttemptLimiter
  readonly logins: LoginService | null
  readonly proposals: ProposalService
  readonly denials: DenialAuditor
}

export interface PeopleOptions {
  /** Holds the token file. */
  readonly dataDir: string
  /** Name of this control where several share a store. */
  readonly owner?: string | undefined
  /** Absent: nobody logs in by an identity provider. */
  readonly loginRules?: LoginRules | undefined
  /** Of the API, once it listens. */
  readonly url: () => string
  readonly store: Store
  readonly service: ConfigurationService
  readonly clock: Clock
  readonly logger: Logger
}

export function createPeople(options: PeopleOptions) {
  const { dataDir, owner, store, service, clock, logger, loginRules: rules, url } = options
  const file = tokenFile(join(dataDir, 'token'))
  const tokens = new TokenService({ store, clock, file, ...(owner !== undefined && { owner }) })
  const people: People = {
    tokens,
    logins: rules
      ? new LoginService({
          ...{ rules, provider: new IdTokenVerifier(rules), tokens, clock, logger },
          binding: new LoginBinding({ rules, nonceOf: boundNonce, url }),
        })
      : null,
    attempts: new AttemptLimiter(),
    proposals: new ProposalService({ store, service, clock }),
    denials: new DenialAuditor({ audit: store.audit, clock, logger }),
  }
  const auditRefusal: OnRefused = ({ who, from, reason, by = '', via, vouched }) => {
    people.denials.denied({
      ...{ actor: who, from, action: 'connect', detail: reason, by },
      ...(via !== undefined && { via }),
      ...(vouched && { vouched }),
      isMadeUp: by === '' && !vouched,
    })
  }
  return {
    people,
    /** Into the audit log: somebody was turned away before there was a request. */
    auditRefusal,
    start: async (): Promise<void> => {
      if ((await people.tokens.start()) === 'made')
        logger.info({ file: file.path }, 'a new API token was made')
    },
  }
}
