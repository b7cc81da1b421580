/** All steps of the store's schema, in their order. */
import { initial } from './0001-initial.ts'
import { history } from './0002-history.ts'
import { people } from './0003-people.ts'
import { trust } from './0004-trust.ts'
import { leases } from './0005-leases.ts'
import { proposals } from './0006-proposals.ts'
import { requests } from './0007-requests.ts'
import { logins } from './0008-logins.ts'
import { authorities } from './0009-authorities.ts'
import type { Migration } from './migration.ts'

export const MIGRATIONS: readonly Migration[] = [
  ...[initial, history, people, trust, leases, proposals, requests, logins, authorities],
]
