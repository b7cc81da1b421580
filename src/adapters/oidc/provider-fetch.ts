/**
 * What a control reads of the identity provider: its description and its keys.
 * What must stay true: redirects are not followed; time and size are bounded; while the provider does not answer it is asked once a
 * second at most, however many strangers send ID tokens.
 */
const LIMIT_MS = 5_000
const MAX_BYTES = 512 * 1_024
const REST_MS = 1_000

export class ProviderAway extends Error {}

export class ProviderFetch {
  #failed: { readonly atMs: number; readonly error: ProviderAway } | null = null

  /** JSON text. Throws ProviderAway. */
  async text(url: string): Promise<string> {
    const { atMs, error } = this.#failed ?? { atMs: -Infinity, error: null }
    if (error !== null && performance.now() - atMs < REST_MS) throw error
    try {
      return await read(url)
    } catch (cause) {
      const away =
        cause instanceof ProviderAway ? cause : new ProviderAway(`${url} does not answer`, { cause })
      this.#failed = { atMs: performance.now(), error: away }
      throw away
    }
  }
}

async function read(url: string): Promise<string> {
  const response = await fetch(url, {
    ...{ redirect: 'manual', headers: { accept: 'application/json' } },
    signal: AbortSignal.timeout(LIMIT_MS),
  })
  if (response.status !== 200) throw new ProviderAway(`${url} answers with HTTP ${response.status}`)
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += (chunk as Uint8Array).length
    if (size > MAX_BYTES) throw new ProviderAway(`what ${url} answers is too long`)
    chunks.push(chunk as Uint8Array)
  }
  return Buffer.concat(chunks).toString()
}
