/** Validators from Debian: delv (BIND) and drill (ldns), from a trust anchor at the topmost signed zone. */
import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Validation {
  readonly validated: boolean
  readonly text: string
}

export interface ValidatorOptions {
  readonly folder: string
  readonly port: number
  /** Name of the topmost signed zone, and data of its DNSKEY record. */
  readonly anchor: { readonly zone: string; readonly dnskey: string }
}

export class Validators {
  readonly #options: ValidatorOptions
  readonly #delvAnchors: string
  readonly #drillKey: string

  constructor(options: ValidatorOptions) {
    this.#options = options
    const { folder, anchor } = options
    const [flags, protocol, algorithm, key] = anchor.dnskey.split(' ')
    this.#delvAnchors = join(folder, 'delv.anchors')
    this.#drillKey = join(folder, 'drill.key')
    const statement = `${anchor.zone}. static-key ${flags} ${protocol} ${algorithm} "${key}";`
    writeFileSync(this.#delvAnchors, `trust-anchors { ${statement} };\n`)
    writeFileSync(this.#drillKey, `${anchor.zone}. 30 IN DNSKEY ${anchor.dnskey}\n`)
  }

  /** Positive and negative answers alike. */
  async delv(name: string, type: string): Promise<Validation> {
    const { port, anchor } = this.#options
    const args = [
      '@127.0.0.1',
      '-p',
      String(port),
      '-a',
      this.#delvAnchors,
      `+root=${anchor.zone}`,
      name,
      type,
    ]
    const text = await output('delv', args)
    return { validated: /^; (?:negative response, )?fully validated$/m.test(text), text }
  }

  /** Chases the signatures down from the anchor. */
  async drill(name: string, type: string): Promise<Validation> {
    const args = ['-S', '-k', this.#drillKey, '-p', String(this.#options.port), name, type, '@127.0.0.1']
    const text = await output('drill', args)
    return { validated: /^;; Chase successful$/m.test(text), text }
  }
}

/** What it says, whatever its exit code: that is judged by the caller. */
function output(program: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(program, args, { timeout: 20_000 }, (error, stdout, stderr) => {
      if (error !== null && typeof error.code === 'string')
        reject(new Error(`${program} cannot be run`, { cause: error }))
      else resolve(stdout + stderr)
    })
  })
}
