/**
 * docs/reference/metrics.md from the registry of a control.
 * What must stay true: a metric that the page or its alerts name is one that there is.
 */
import { createMetrics } from '../../src/control/metrics.ts'

interface Metric {
  readonly name: string
  readonly help: string
  readonly labelNames: readonly string[]
}

/** What prom-client does not tell in its types. */
type Registered = Metric & { readonly constructor: { readonly name: string } }

const ALERTS: readonly (readonly [string, string, string])[] = [
  ['fairlead_alarms', '> 0', 'something is wrong: `fairlead status` says what'],
  ['fairlead_checker_live', '== 0', 'a checker is silent or has fenced itself off'],
  ['fairlead_nameserver_up', '== 0', 'a DNS server does not run'],
  ['fairlead_nameserver_report_age_seconds', '> 15', 'a nameserver is away; its PowerDNS may answer on'],
  [
    'fairlead_nameserver_revisions_behind',
    '> 0',
    'for a minute: a nameserver does not take what is configured',
  ],
  ['fairlead_nameservers_disagree', '== 1', 'nameservers come to different verdicts'],
  ['fairlead_held_endpoints', '> 0', 'endpoints that are down stay answered: the withdrawal budget is spent'],
  ['fairlead_load_balancers_by_when_down', '> 0', 'nothing is healthy behind a load balancer'],
  ['fairlead_history_lost_total', 'increases', 'the history has a hole'],
]

const INTRODUCTION = `# Metrics

\`GET /metrics\` of each control, in the format of Prometheus; a token of the role viewer is enough, and the certificate of a control is by
the cluster's authority (\`api-ca.pem\` in its data directory):

\`\`\`text
scrape_configs:
  - job_name: fairlead
    scheme: https
    authorization: { credentials_file: /etc/prometheus/fairlead.token }
    tls_config: { ca_file: /etc/prometheus/fairlead-ca.pem }
    static_configs: [{ targets: ['control-1.example.net:5380', 'control-2.example.net:5380'] }]
\`\`\`

Nodes serve none: controls tell of them, from frames and reports. Where no control runs there are no metrics, and answers go on following
health; so alert on a scrape that fails (\`up == 0\`), and ask a nameserver from outside as well.
`

/** The page as text. */
export function metricsReference(): string {
  const metrics = (createMetrics().registry.getMetricsAsArray() as unknown as Registered[])
    .filter(({ name }) => name.startsWith('fairlead_'))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
  const known = new Set(metrics.map(({ name }) => name))
  for (const [name] of ALERTS) if (!known.has(name)) throw new Error(`there is no metric ${name}`)
  return [
    INTRODUCTION,
    '## To be woken by',
    '',
    '| metric | when | what it means |',
    '|---|---|---|',
    ...ALERTS.map(([name, when, what]) => `| \`${name}\` | ${when} | ${what} |`),
    '',
    '## All of them',
    '',
    'Beside these there are the usual ones of a Node.js process (`process_…`, `nodejs_…`).',
    '',
    '| metric | kind | labels | meaning |',
    '|---|---|---|---|',
    ...metrics.map(rowOf),
    '',
  ].join('\n')
}

function rowOf({ name, help, labelNames, constructor }: Registered): string {
  const labels = labelNames.map((label) => `\`${label}\``).join(', ')
  return `| \`${name}\` | ${constructor.name.toLowerCase()} | ${labels} | ${help} |`
}
