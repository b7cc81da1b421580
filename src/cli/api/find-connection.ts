/**
 * Which Fairlead a command talks to, and the token it shows: from options, then the environment, then a data directory.
 * What must stay true: a token is sent to the host that it was given for and to no other. One that was found in a data
 * directory goes to the address written beside it; one that was given goes to the address that was given, or to loopback.
 */
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { CommandError, EXIT } from '../../core/exit-code.ts'
import type { Io } from '../io.ts'
import { reasonOf } from './reason-of.ts'

export interface ConnectionOptions {
  readonly url?: string | undefined
  readonly token?: string | undefined
  readonly tokenFile?: string | undefined
  readonly dataDir?: string | undefined
  readonly caFile?: string | undefined
}

export interface Connection {
  /** Ends in '/'. */
  readonly url: URL
  /** null: none yet, which is for a login alone. */
  readonly token: string | null
  /** Where the address came from, for error messages. */
  readonly source: string
  /** Set when the token would cross a network in clear text. */
  readonly warning: string | null
  /** PEM: the only authorities of the API; null: those of the system. */
  readonly authorities: string | null
}

/** Throws CommandError when there is none, with what was looked at. */
export function findConnection(options: ConnectionOptions, io: Io): Connection {
  const given = options.url ?? nonEmpty(io.environment['FAIRLEAD_URL'])
  const token = givenToken(options, io)
  if (given !== undefined) {
    const url = parseUrl(given)
    const source = options.url === undefined ? 'FAIRLEAD_URL' : '--url'
    const beside = dirAmong(dataDirCandidates(options, io), url)
    return connect({
      url,
      source,
      token: token ?? tokenOf(url, beside),
      authorities: authoritiesOf(options, beside, io),
    })
  }
  const found = findDataDir(options, io)
  const url = parseUrl(found.url)
  if (token !== undefined && !isLoopback(url))
    throw new CommandError(
      EXIT.badInput,
      `a token was given but no address, and ${found.path} points to ${url.origin}: name the address with --url`,
    )
  return connect({
    ...{ url, source: join(found.path, 'api-url'), token: token ?? readToken(join(found.path, 'token')) },
    authorities: authoritiesOf(options, found.path, io),
  })
}

/**
 * For a login: no token is read, and none is sent. Whoever is asked there hands out what somebody logs in with, so nothing of the
 * folder where it runs counts, unless it is named: neither an address, nor authorities for one that was given.
 */
export function findApi(options: ConnectionOptions, io: Io): Connection {
  const given = options.url ?? nonEmpty(io.environment['FAIRLEAD_URL'])
  if (given !== undefined) {
    const [url, source] = [parseUrl(given), options.url === undefined ? 'FAIRLEAD_URL' : '--url']
    const beside = dirAmong(ownDirs(options, io), url)
    return connect({ url, source, token: null, authorities: authoritiesOf(options, beside, io) })
  }
  const path = loginDirOf(options, io)
  const found = readIfThere(join(path, 'api-url'))
  if (found === null)
    throw new CommandError(
      EXIT.unreachable,
      `no login was here before (looked in ${path}): name the control with --url, once`,
    )
  const [url, source] = [parseUrl(found), join(path, 'api-url')]
  return connect({ url, source, token: null, authorities: authoritiesOf(options, path, io) })
}

/** Where a login is written, unless it is said: the user's own of the places that are looked at. */
export function loginDirOf(options: ConnectionOptions, io: Io): string {
  const named = options.dataDir ?? nonEmpty(io.environment['FAIRLEAD_DATA_DIR'])
  return named === undefined ? userDir(io) : resolve(io.workingDirectory, named)
}

function userDir(io: Io): string {
  const state = nonEmpty(io.environment['XDG_STATE_HOME']) ?? join(io.homeDirectory, '.local/state')
  return join(state, 'fairlead')
}

/** Where a running Fairlead may be found, in order. */
export function dataDirCandidates(options: ConnectionOptions, io: Io): string[] {
  const named = options.dataDir ?? nonEmpty(io.environment['FAIRLEAD_DATA_DIR'])
  if (named !== undefined) return ownDirs(options, io)
  return [join(io.workingDirectory, '.fairlead'), ...ownDirs(options, io)]
}

/** As above, without what may lie about in the folder where a command runs. */
function ownDirs(options: ConnectionOptions, io: Io): string[] {
  const named = options.dataDir ?? nonEmpty(io.environment['FAIRLEAD_DATA_DIR'])
  if (named !== undefined) return [resolve(io.workingDirectory, named)]
  return [userDir(io), '/var/lib/fairlead']
}

function connect(about: Omit<Connection, 'warning'>): Connection {
  const { url } = about
  const clear = url.protocol === 'http:' && !isLoopback(url)
  const warning = clear
    ? `warning: the token goes to ${url.host} unencrypted, for anyone on the way to read: use https://`
    : null
  return { ...about, warning }
}

function findDataDir(options: ConnectionOptions, io: Io): { path: string; url: string } {
  const candidates = dataDirCandidates(options, io)
  for (const path of candidates) {
    const url = readIfThere(join(path, 'api-url'))
    if (url !== null) return { path, url }
  }
  throw new CommandError(
    EXIT.unreachable,
    `no running Fairlead was found (looked in ${candidates.join(', ')}): start one with 'fairlead up', or name one with --url and --token-file`,
  )
}

function givenToken(options: ConnectionOptions, io: Io): string | undefined {
  const file = (path: string) => readToken(resolve(io.workingDirectory, path))
  if (options.token !== undefined) return checkedToken(options.token, '--token')
  if (options.tokenFile !== undefined) return file(options.tokenFile)
  const token = nonEmpty(io.environment['FAIRLEAD_TOKEN'])
  if (token !== undefined) return checkedToken(token, 'FAIRLEAD_TOKEN')
  const path = nonEmpty(io.environment['FAIRLEAD_TOKEN_FILE'])
  return path === undefined ? undefined : file(path)
}

/** The data directory whose API has that address. */
function dirAmong(candidates: readonly string[], url: URL): string | null {
  const found = candidates.find((path) => {
    const own = readIfThere(join(path, 'api-url'))
    return own !== null && parseUrl(own).origin === url.origin
  })
  return found ?? null
}

/** The token of a data directory, for an address that was given: only when it is the address of that directory. */
function tokenOf(url: URL, dataDir: string | null): string {
  if (dataDir !== null) return readToken(join(dataDir, 'token'))
  throw new CommandError(
    EXIT.unreachable,
    `no token for ${url.origin}: give one with --token-file, FAIRLEAD_TOKEN or FAIRLEAD_TOKEN_FILE`,
  )
}

/** Given, or those of the cluster as its control wrote them beside its address. */
function authoritiesOf(options: ConnectionOptions, dataDir: string | null, io: Io): string | null {
  const given = options.caFile ?? nonEmpty(io.environment['FAIRLEAD_CA_FILE'])
  if (given === undefined) return dataDir === null ? null : readIfThere(join(dataDir, 'api-ca.pem'))
  const path = resolve(io.workingDirectory, given)
  const text = readIfThere(path)
  if (text === null) throw new CommandError(EXIT.fileAccess, `cannot read ${path}: there is no such file`)
  return text
}

function readToken(path: string): string {
  try {
    return checkedToken(readFileSync(path, 'utf8'), path)
  } catch (cause) {
    if (cause instanceof CommandError) throw cause
    const message = `cannot read the token ${path}: ${reasonOf(cause)}`
    throw new CommandError(EXIT.fileAccess, message, { cause })
  }
}

/** A token becomes a header: anything else than visible ASCII is a wrong file, not a token. */
function checkedToken(text: string, source: string): string {
  const token = text.trim()
  if (/^[\x21-\x7e]{1,512}$/.test(token)) return token
  throw new CommandError(
    EXIT.badInput,
    `${source} holds no token: one line of visible characters is expected`,
  )
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code
    if (code === 'ENOENT' || code === 'ENOTDIR') return null
    throw new CommandError(EXIT.fileAccess, `cannot read ${path}: ${reasonOf(cause)}`, { cause })
  }
}

function parseUrl(text: string): URL {
  const url = URL.parse(text.endsWith('/') ? text : `${text}/`)
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    throw new CommandError(
      EXIT.badInput,
      `'${text}' is not an address of the API: one such as http://127.0.0.1:5380 is expected`,
    )
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '')
    throw new CommandError(EXIT.badInput, 'an address of the API holds no user, password, query or fragment')
  return url
}

function isLoopback(url: URL): boolean {
  return url.hostname === 'localhost' || url.hostname === '[::1]' || /^127(?:\.\d+){3}$/.test(url.hostname)
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text
}
