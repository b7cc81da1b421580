/** The text of a ca.pem: certificates, and a line that says of which version of the cluster's authorities it is. Readers of PEM skip that. */
import type { X509Certificate } from 'node:crypto'

export const AUTHORITY_FILE = {
  format: (authorities: readonly X509Certificate[], version: number) =>
    `# Authorities of the cluster, version ${version}: written by fairlead\n${authorities.map(String).join('')}`,
  /** 0: it does not say. */
  versionOf: (text: string) => Number(/^# Authorities of the cluster, version (\d+):/m.exec(text)?.[1] ?? 0),
} as const
