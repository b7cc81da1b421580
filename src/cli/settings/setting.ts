/**
 * One setting of a process: its name in the file, and so its flag (--dns-port for dnsPort) and its variable (FAIRLEAD_DNS_PORT).
 * What must stay true: the same value means the same in all three places, and is judged by the same schema.
 */
import type { z } from 'zod'

export interface Setting {
  /** Name in the file, in camel case. */
  readonly key: string
  /** How its value is written as text. A list is repeated as a flag, and divided by commas in the environment. */
  readonly kind: 'text' | 'integer' | 'list' | 'switch'
  /** What stands for the value in --help, such as 'path'. */
  readonly value: string
  readonly description: string
  readonly schema: z.ZodType
  /** In words, for --help; absent: it must be given, or may be left out. */
  readonly fallback?: string
}

export function flagOf(key: string): string {
  return `--${key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
}

export function variableOf(key: string): string {
  return `FAIRLEAD_${key.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`
}

/** Text of a flag or a variable to the value that the file would hold; what makes no sense stays text, for the schema to refuse. */
export function valueOfText(kind: Setting['kind'], text: string): unknown {
  if (kind === 'integer') return /^-?\d+$/.test(text) ? Number(text) : text
  if (kind === 'switch') return text === 'true' ? true : text === 'false' ? false : text
  if (kind === 'list')
    return text
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '')
  return text
}
