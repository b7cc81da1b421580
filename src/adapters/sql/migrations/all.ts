/** All steps of the store's schema, in their order. */
import { initial } from './0001-initial.ts'
import { history } from './0002-history.ts'
import { trust } from './0004-trust.ts'
import type { Migration } from './migration.ts'

export const MIGRATIONS: readonly Migration[] = [initial, history, trust]
