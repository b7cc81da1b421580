/** That a chain of certificates ends at nobody who is believed, in words of the operator: after a rotation that a machine missed, too. */

/** null: the code of OpenSSL says something else. */
export function strangerFault(code: string): string | null {
  const isThat =
    /^(?:SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_(?:GET_ISSUER|VERIFY_LEAF)\w*)$/.test(
      code,
    )
  return isThat
    ? "it is by no authority that is believed here; if that of the cluster was replaced while a machine was away, let that machine join again with a new token ('fairlead join --force')"
    : null
}
