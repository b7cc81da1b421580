/**
 * `fairlead login`: a token for whoever the identity provider says that you are.
 * What must stay true: nothing is opened, what is to be opened is printed; the token is written where commands find it, and nowhere
 * else; what is for people goes to stderr, so that stdout is the outcome.
 */
import { randomBytes } from 'node:crypto'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import type { Command } from 'commander'
import { boundNonce } from '../../adapters/oidc/bound-nonce.ts'
import { describeScope } from '../../core/access/denied-changes.ts'
import { CommandError, EXIT } from '../../core/exit-code.ts'
import { loginProviderSchema, loginSchema, type LoginProvider } from '../../core/views/login.ts'
import { ApiClient } from '../api/api-client.ts'
import { findApi, findConnection, loginDirOf, type Connection } from '../api/find-connection.ts'
import { LastLogin } from '../api/last-login.ts'
import { LoginDir } from '../api/login-dir.ts'
import { addNotes } from '../command-notes.ts'
import { addJsonOption, runs, type CommonOptions } from '../invocation.ts'
import type { Io } from '../io.ts'
import { onFirstInterrupt } from '../on-first-interrupt.ts'
import { printable } from '../output/printable.ts'
import { parseDuration } from '../parse-duration.ts'

interface LoginOptions extends CommonOptions {
  readonly device?: boolean
  readonly expires?: string
  readonly timeout: string
  readonly issuer?: string
  readonly clientId?: string
}

const ISSUER_VARIABLE = 'FAIRLEAD_OIDC_ISSUER'
const CLIENT_VARIABLE = 'FAIRLEAD_OIDC_CLIENT_ID'

export function addLoginCommand(program: Command, io: Io): void {
  const command = program
    .command('login')
    .description('Log in by the identity provider of the control, and keep the token for later commands')
    .option('--device', 'log in with a browser on another machine: with a code that is printed')
    .option('--expires <duration>', 'the token is good for so long, if the control allows as much')
    .option('--timeout <duration>', 'wait so long for the login', '5m')
    .option('--issuer <url>', `no other identity provider than this one (${ISSUER_VARIABLE})`)
    .option('--client-id <id>', `no other client id than this one (${CLIENT_VARIABLE})`)
  addJsonOption(command)
    .optionsGroup('Connection options:')
    .option('--url <url>', 'address of the API (FAIRLEAD_URL; default: of the login before)')
    .option('--ca-file <path>', 'PEM certificates of the authorities of the API (FAIRLEAD_CA_FILE)')
    .option(
      '--data-dir <path>',
      'write the login there (FAIRLEAD_DATA_DIR; default: fairlead in XDG_STATE_HOME, which is ~/.local/state)',
    )
  command.action(
    runs<LoginOptions>(io, async ({ options, print, printJson }) => {
      const dir = new LoginDir(loginDirOf(options, io))
      const { connection, token } = await withinTime(options, io, (signal) =>
        logIn(options, io, { dir, signal }),
      )
      const { name, role, scope, expiresAtMs } = token
      if (options.json)
        printJson({
          ...{ url: connection.url.origin, name, role, ...(scope && { scope }) },
          ...{ expiresAtMs, tokenFile: dir.tokenFile },
        })
      else
        print([
          `logged in  ${printable(name)}, ${role}${scope === undefined ? '' : ` for ${describeScope(scope)}`}, until ${new Date(expiresAtMs ?? 0).toISOString()}`,
          `written    ${dir.tokenFile}`,
        ])
      noteOfOthers(token.token, dir, io)
    }),
  )
  addNotes(command, {
    examples: [
      {
        line: 'fairlead login --url https://control-1.example.net:5380 --ca-file ca.pem',
        meaning: 'open what it prints; later commands need no options',
      },
      { line: 'fairlead login --device', meaning: 'on a server: with the browser of another machine' },
      { line: 'fairlead login --expires 1h', meaning: 'the same control as before, for an hour' },
    ],
    exitCodes: [EXIT.ok, EXIT.failure, EXIT.badInput, EXIT.unreachable, EXIT.fileAccess, EXIT.denied],
  })
}

/** Ends at Ctrl-C, and when nobody logs in. */
async function withinTime<T>(
  { timeout }: LoginOptions,
  io: Io,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const limitMs = parseDuration(timeout, '--timeout')
  const ending = new AbortController()
  const forget = onFirstInterrupt(io, () => {
    ending.abort(new CommandError(EXIT.failure, 'the login was interrupted'))
  })
  const timer = setTimeout(
    () => {
      ending.abort(new CommandError(EXIT.failure, `nobody logged in within ${timeout}`))
    },
    Math.min(limitMs, 2 ** 31 - 1),
  )
  try {
    return await work(ending.signal)
  } finally {
    clearTimeout(timer)
    forget()
  }
}

async function logIn(
  options: LoginOptions,
  io: Io,
  { dir, signal }: { readonly dir: LoginDir; readonly signal: AbortSignal },
) {
  const lifeSec =
    options.expires === undefined ? undefined : parseDuration(options.expires, '--expires') / 1_000
  const connection = findApi(options, io)
  if (connection.warning !== null) io.stderr.write(`${connection.warning}\n`)
  // Before any page of a provider: that one looks the same, whoever asks for the login.
  io.stderr.write(printable(`logging in to ${connection.url.origin} (${connection.source})`) + '\n')
  dir.prepare()
  const system = getCACertificates('default')
  const path = 'v1/login'
  const provider = await new ApiClient(connection).send(
    { method: 'POST', path, body: {} },
    loginProviderSchema,
  )
  checkProvider(provider, { options, io, connection })
  // The provider has a certificate as any web server, the API perhaps one of the cluster's own authority.
  setDefaultCACertificates(system)
  // Whoever it is sent to cannot log in with it at a control of another address.
  const nonceKey = randomBytes(32).toString('base64url')
  const nonce = boundNonce(nonceKey, connection.url.origin)
  const idToken = await idTokenBy(provider, { device: options.device === true, nonce, signal, io })
  const body = { idToken, nonceKey, ...(lifeSec !== undefined && { lifeSec }) }
  const token = await new ApiClient(connection).send({ method: 'POST', path, body }, loginSchema)
  const { url, authorities } = connection
  const before = LastLogin.replaced(dir, io)
  await dir.write({ url: url.href, authorities, name: token.name, token: token.token })
  const livesOn = before instanceof LastLogin ? await before.endReplaced(system) : before
  if (livesOn !== null) io.stderr.write(`${livesOn}\n`)
  return { connection, token }
}

/** Somebody who was told what to expect does not go where a control sends them. */
function checkProvider(
  { issuer, clientId }: LoginProvider,
  {
    options,
    io,
    connection,
  }: { readonly options: LoginOptions; readonly io: Io; readonly connection: Connection },
): void {
  const wanted = [
    ['issuer', options.issuer ?? io.environment[ISSUER_VARIABLE], issuer],
    ['client id', options.clientId ?? io.environment[CLIENT_VARIABLE], clientId],
  ] as const
  for (const [what, expected, said] of wanted)
    if (expected !== undefined && expected !== '' && expected !== said)
      throw new CommandError(
        EXIT.badInput,
        printable(`${connection.url.origin} names the ${what} '${said}', and '${expected}' is expected`),
      )
}

async function idTokenBy(
  provider: LoginProvider,
  about: { readonly device: boolean; readonly nonce: string; readonly signal: AbortSignal; readonly io: Io },
): Promise<string> {
  const { device, io } = about
  const say = (...lines: readonly string[]) => {
    io.stderr.write(lines.map((line) => `${printable(line)}\n`).join(''))
  }
  const { findProvider } = await import('../../adapters/oidc/provider-client.ts')
  const client = await findProvider(provider, about)
  if (device) {
    const { loginByDevice } = await import('../../adapters/oidc/device-login.ts')
    return loginByDevice(client, ({ url, userCode, completeUrl }) => {
      say(`open ${url} in a browser on any machine, and type this code there:`, `  ${userCode}`)
      if (completeUrl !== null) say(`or open ${completeUrl}`)
    })
  }
  const { loginByBrowser } = await import('../../adapters/oidc/browser-login.ts')
  return loginByBrowser(client, (url) => {
    say('open this in a browser on this machine (on one without a browser use --device):', `  ${url}`)
  })
}

/** Commands look elsewhere first: in the environment, or in the folder where they run. */
function noteOfOthers(token: string, dir: LoginDir, io: Io): void {
  let found: string | null = null
  try {
    found = findConnection({}, io).token
  } catch {
    // Whatever is wrong there is told by the command that needs it.
  }
  if (found !== token)
    io.stderr.write(
      `note: commands here find another token, or none, before this one: give them --data-dir ${dir.path}, or set FAIRLEAD_DATA_DIR\n`,
    )
}
