/** Who looks at this page. */
import type { LoginProvider } from '../../../src/core/views/login.ts'
import type { WhoAmI } from '../../../src/core/views/token.ts'
import type { Notice } from './notice.ts'

/** How people sign in here, beside a token. */
export type SignInWay =
  | { readonly kind: 'asking' }
  | { readonly kind: 'provider'; readonly provider: LoginProvider }
  /** Nobody does so. */
  | { readonly kind: 'token-only' }
  | { readonly kind: 'not-known' }

export type Session =
  | { readonly kind: 'starting' }
  | {
      readonly kind: 'out'
      readonly way: SignInWay
      readonly notice: Notice | null
      readonly isBusy: boolean
    }
  | { readonly kind: 'in'; readonly token: string; readonly who: WhoAmI }
