/**
 * The console: a page that gets everything it shows from this API, with a token of whoever looks at it.
 * What must stay true: these files are the same for everybody and hold no data; the page runs no script but its own, sends nothing to
 * anybody but this control and the identity provider, and is in no frame of another page.
 */
import type { Api, Parts } from '../api-parts.ts'
import { isNotModified } from '../preconditions.ts'
import { ProblemError } from '../problem-error.ts'

const PAGE = 'index.html'
const NOT_BUILT =
  "the console is not built: run 'npm run build' where this control's sources are, and start it anew"
const FOREVER = 'public, max-age=31536000, immutable'

export function consoleRoutes(app: Api, parts: Parts): void {
  const schema = { hide: true }
  app.get('/', { schema }, (_request, reply) => reply.redirect('/console/', 302))
  app.get('/console', { schema }, (_request, reply) => reply.redirect('/console/', 308))
  app.get<{ Params: { '*': string } }>('/console/*', { schema }, (request, reply) => {
    const { console, logins } = parts()
    void reply.headers(guards(logins?.provider.issuer))
    if (!console.isBuilt) throw new ProblemError('not-found', { detail: NOT_BUILT })
    const file = console.find(request.params['*'] || PAGE)
    if (file === null) throw new ProblemError('not-found')
    void reply.headers({ etag: file.etag, 'cache-control': file.isHashed ? FOREVER : 'no-cache' })
    if (isNotModified(request.headers['if-none-match'], file.etag)) return reply.code(304).send()
    return reply.type(file.mediaType).send(file.body)
  })
}

/** What the browser is to refuse, whatever the page says. */
function guards(issuer: string | undefined): Readonly<Record<string, string>> {
  const provider = issuer === undefined ? '' : ` ${new URL(issuer).origin}`
  return {
    'content-security-policy': [
      ...["default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:"],
      `connect-src 'self'${provider}`,
      ...["base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"],
    ].join('; '),
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
  }
}
