/** Where something is served, as a certificate names it: a DNS name as A-labels in small letters, or an IP address. */
import { z } from 'zod'
import { parseAddress } from '../net/address.ts'

const NAME = /^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/

export const servedName = z
  .string()
  .max(253)
  .refine((text) => NAME.test(text) || parseAddress(text).kind !== 'fault', {
    error: 'a DNS name in small letters, or an IP address, is expected',
  })
