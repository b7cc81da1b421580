/**
 * What TLS monitors need from files: authorities, client certificate and key. Read asynchronously, kept until a file's
 * modification time or size changes, so that a renewed certificate is used without a restart.
 * What must stay true: a file that cannot be read or parsed is our fault, named by its path, and never a vote.
 */
import { X509Certificate } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { createSecureContext, getCACertificates, rootCertificates, type SecureContext } from 'node:tls'
import type { Monitor } from '../../core/model/monitor.ts'
import { plainText } from './probe-error.ts'

type TlsSettings = Extract<Monitor, { kind: 'https' }>['tls']

export type LoadedTls =
  | { readonly kind: 'context'; readonly context: SecureContext }
  /** One sentence that names the file. */
  | { readonly kind: 'fault'; readonly detail: string }

interface Kept {
  readonly version: string
  readonly loaded: LoadedTls
}

const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g

export class TlsMaterial {
  /** By the settings of a monitor, which are never changed in place: what no monitor uses any more is collected. */
  readonly #kept = new WeakMap<TlsSettings, Kept>()
  #systemContext: SecureContext | null = null

  async load(settings: TlsSettings): Promise<LoadedTls> {
    const paths = [settings.caFile, settings.certificateFile, settings.keyFile].filter(
      (path) => path !== undefined,
    )
    try {
      if (paths.length === 0) return { kind: 'context', context: this.#system() }
      const version = (await Promise.all(paths.map(versionOf))).join()
      const kept = this.#kept.get(settings)
      if (kept?.version === version) return kept.loaded
      const loaded = await this.#read(settings)
      this.#kept.set(settings, { version, loaded })
      return loaded
    } catch (error) {
      return { kind: 'fault', detail: sentenceOf(error) }
    }
  }

  async #read(settings: TlsSettings): Promise<LoadedTls> {
    const { caFile, certificateFile, keyFile } = settings
    const ca = caFile === undefined ? systemAuthorities() : parseAuthorities(await readFile(caFile, 'utf8'))
    if (ca.length === 0)
      return { kind: 'fault', detail: `caFile ${caFile ?? ''} holds no readable PEM certificate` }
    if (certificateFile === undefined || keyFile === undefined)
      return { kind: 'context', context: createSecureContext({ ca }) }
    const [cert, key] = await Promise.all([readFile(certificateFile), readFile(keyFile)])
    try {
      return { kind: 'context', context: createSecureContext({ ca, cert, key }) }
    } catch (error) {
      const files = `certificateFile ${certificateFile} with keyFile ${keyFile}`
      return { kind: 'fault', detail: `cannot use ${files}: ${sentenceOf(error)}` }
    }
  }

  #system(): SecureContext {
    this.#systemContext ??= createSecureContext({ ca: systemAuthorities() })
    return this.#systemContext
  }
}

/** The system's store, or Node's copy of Mozilla's where the system has none (Debian without ca-certificates). */
function systemAuthorities(): string[] {
  const system = [...new Set(getCACertificates('system'))]
  return system.length > 0 ? system : [...rootCertificates]
}

/** Node takes a file that is no certificate for an empty list without a word, so each block is parsed here. Empty: not usable. */
function parseAuthorities(text: string): string[] {
  const blocks = text.match(PEM_CERTIFICATE) ?? []
  try {
    return blocks.map((block) => new X509Certificate(block).toString())
  } catch {
    return []
  }
}

async function versionOf(path: string): Promise<string> {
  const { mtimeMs, size, ino } = await stat(path)
  return `${mtimeMs}/${size}/${ino}`
}

/** File errors name the path themselves ("ENOENT: no such file or directory, stat '/x'"). */
function sentenceOf(error: unknown): string {
  return plainText(error instanceof Error ? error.message : String(error))
}
