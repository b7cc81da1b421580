/** A node's report to whoever keeps it. */
import type { CheckerReporter, NodeReport, Reporter } from '../ports/report.ts'

export function deliverReport(
  report: Exclude<NodeReport, { kind: 'refused' }>,
  to: Reporter & CheckerReporter,
): void {
  switch (report.kind) {
    case 'event':
      to.event(report.event)
      return
    case 'published':
      to.published(report.answers, report.by)
      return
    case 'withdrawn':
      to.withdrawn(report.names, report.by)
      return
    case 'nameserver':
      to.nameserver(report.report)
      return
    case 'checker':
      to.checker(report.report)
  }
}
