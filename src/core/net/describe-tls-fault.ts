/** Why a TLS handshake failed, in words: what OpenSSL says names its own source files and differs from version to version. */
const WORDS: Readonly<Record<string, string>> = {
  ERR_SSL_HTTP_REQUEST: 'it speaks plain HTTP, and this is TLS',
  ERR_SSL_WRONG_VERSION_NUMBER: 'what it sends is no TLS',
  ERR_SSL_UNSUPPORTED_PROTOCOL: 'it offers no TLS 1.3',
  ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC:
    'what it sends does not decrypt: it was changed on its way, or recorded of another connection',
  ERR_SSL_BAD_RECORD_TYPE: 'what it sends is no TLS',
  ERR_SSL_NO_SHARED_CIPHER: 'it offers no cipher of TLS 1.3',
  ERR_TLS_HANDSHAKE_TIMEOUT: 'it did not end the handshake in time',
}
/** Alerts of TLS that the other end sent. */
const ALERT = /^ERR_SSL_(?:TLSV1_|SSLV3_)?ALERT_(\w+)$/

export function describeTlsFault(error: {
  readonly code?: string | undefined
  readonly reason?: string | undefined
}): string {
  const code = error.code ?? ''
  const known = WORDS[code]
  if (known !== undefined) return known
  const alert = ALERT.exec(code)?.[1]
  if (alert !== undefined) return `it ended the handshake: ${inWords(alert)}`
  return `the TLS handshake failed: ${inWords(error.reason ?? (code || 'for no reason that is known'))}`
}

function inWords(text: string): string {
  return text
    .replace(/^ERR_(?:SSL_)?/, '')
    .toLowerCase()
    .replaceAll('_', ' ')
}
