/** Where people are sent to log in, and where keys come from. */
const URL_BEGIN = /^(https?):\/\/(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d{1,5})?(?:[/?]|$)/i
const LOOPBACK = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/i

/** What is sent there cannot be read or changed on the way: https, or http to this machine alone. */
export function isTrustworthy(url: string): boolean {
  const [, scheme = '', host = ''] = URL_BEGIN.exec(url) ?? []
  return scheme.toLowerCase() === 'https' || LOOPBACK.test(host)
}
