/** Nameservers of which it is not known that they answer what a revision says, each with why. */
import type { Observer } from '../observer.ts'
import { REPORT_AGE } from '../report-age.ts'
import { shownNameservers } from '../shown-nameservers.ts'

export function laggingNameservers(observer: Observer, revision: number): string[] {
  const nowMs = observer.clock.monotonicMs()
  if (observer.nameservers.size === 0) return ['none has reported yet']
  const shown = shownNameservers(observer.nameservers)
  return Array.from(observer.nameservers, ([key, { report, heardAtMs }]) => {
    const name = shown.get(key) ?? key
    if (nowMs - heardAtMs > REPORT_AGE.silentMs) return `${name} (silent)`
    if (report.revision < revision) return `${name} (at revision ${report.revision}, not ${revision})`
    if (!report.ready || report.unpublishedForMs !== null) return `${name} (not everything is read back)`
    return null
  }).filter((lag) => lag !== null)
}
