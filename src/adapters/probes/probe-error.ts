/**
 * Who is to blame for an error of a socket: the endpoint (failure) or this host (local error, no vote).
 *
 * | error | verdict | why |
 * |---|---|---|
 * | ECONNREFUSED, ECONNRESET, EPIPE, ECONNABORTED | failure | the endpoint, or what stands for it, said so |
 * | ETIMEDOUT | failure | the kernel's own time-out: nothing answered |
 * | EHOSTUNREACH | failure | ICMP, or no ARP/ND answer: ambiguous, but it is what a dead host on our own link looks like |
 * | ENETUNREACH, ENETDOWN | local | this host has no route or no link |
 * | EMFILE, ENFILE, ENOBUFS, ENOMEM | local | out of descriptors or memory |
 * | EADDRNOTAVAIL, EADDRINUSE | local | no such source address, or no free port |
 * | EACCES, EPERM | local | our own firewall or policy |
 * | ENOTFOUND, EAI_AGAIN, ENODATA | local | our resolver does not know the name, or does not answer |
 * | EAFNOSUPPORT, EINVAL, EPROTONOSUPPORT | local | no such family here, or source and target do not fit |
 * | anything else before the connection stands | local | not known to be the endpoint's doing: no vote |
 * | anything else on a standing connection, TLS alerts and certificates among them | failure | the peer's doing |
 */
export type ProbeFault =
  | { readonly kind: 'failure'; readonly detail: string }
  | { readonly kind: 'local-error'; readonly isNetwork?: boolean; readonly detail: string }

const ENDPOINT: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  ECONNABORTED: 'connection aborted',
  EPIPE: 'connection closed while sending',
  ETIMEDOUT: 'no answer to the connection attempt',
  EHOSTUNREACH: 'host unreachable',
}

const LOCAL: Readonly<Record<string, string>> = {
  ENETUNREACH: 'this host has no route to the address',
  ENETDOWN: 'the network of this host is down',
  EMFILE: 'this process has no file descriptors left',
  ENFILE: 'this host has no file descriptors left',
  ENOBUFS: 'this host has no network buffers left',
  ENOMEM: 'this host has no memory left',
  EADDRNOTAVAIL: 'the source address is not on this host, or it has no free port',
  EADDRINUSE: 'the source address has no free port',
  EACCES: 'this host does not permit the connection',
  EPERM: 'this host does not permit the connection',
  ENOTFOUND: 'the resolver of this host does not know the name',
  ENODATA: 'the resolver of this host knows no address of the name',
  EAI_AGAIN: 'the resolver of this host does not answer',
  EAFNOSUPPORT: 'this host does not support the address family',
  EINVAL: 'source and target address do not fit',
  EPROTONOSUPPORT: 'this host does not support the protocol',
}

/** The host could try, and nothing leaves it: for the self-fence that is a missed path, not an untried one. */
const NETWORK: ReadonlySet<string> = new Set(['ENETUNREACH', 'ENETDOWN', 'EACCES', 'EPERM'])

/** `isConnected`: the TCP connection stood when the error came. */
export function classifyError(error: unknown, isConnected: boolean): ProbeFault {
  const code = codeOf(error)
  const local = LOCAL[code]
  if (local !== undefined) {
    const isNetwork = NETWORK.has(code)
    return { kind: 'local-error', ...(isNetwork && { isNetwork }), detail: `${local} (${code})` }
  }
  const endpoint = ENDPOINT[code]
  if (endpoint !== undefined) return { kind: 'failure', detail: endpoint }
  return { kind: isConnected ? 'failure' : 'local-error', detail: messageOf(error) }
}

/** Text from outside on one line of bounded length, for people. */
export function plainText(text: string): string {
  const clean = text.replaceAll(/[^\x20-\x7e]+/g, ' ').trim()
  return clean.length > 200 ? `${clean.slice(0, 197)}...` : clean
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}

/** OpenSSL's errors carry file and line of its source in the message; their `reason` is the part for people. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return plainText(String(error))
  if ('reason' in error && typeof error.reason === 'string' && codeOf(error).startsWith('ERR_SSL'))
    return `TLS: ${plainText(error.reason)}`
  return plainText(error.message)
}
