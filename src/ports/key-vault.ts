/**
 * The vault: encrypts private keys with a key-encryption key, for the store, the feed and the disks of nodes.
 * What must stay true: what was sealed for one purpose does not open for another; what does not open is never used.
 */
export interface KeyVault {
  /** `purpose` is bound to the text, and is needed to open it again. Throws VaultError where there is no key. */
  seal(text: string, purpose: string): string
  /** Throws VaultError: no key, another key, or a text that was changed. */
  open(sealed: string, purpose: string): string
  /** Whether it was sealed with the key that seals now; false also where there is none. */
  isCurrent(sealed: string): boolean
  /** False: nothing can be sealed or opened here. */
  readonly hasKey: boolean
}

/** Its message is a sentence for the operator. */
export class VaultError extends Error {
  override readonly name = 'VaultError'
}
