/** DnssecKeys by node:crypto. */
import type { DnssecKeys } from '../../ports/dnssec-keys.ts'
import { dnskeyText, dsTexts, keyTag } from './dnskey.ts'
import { newKeyPair } from './key-pair.ts'

export const dnssecKeys: DnssecKeys = {
  newPair: newKeyPair,
  tagOf: keyTag,
  dnskeyOf: dnskeyText,
  dsOf: dsTexts,
}
