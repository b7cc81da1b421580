/**
 * What Prometheus may read of this process. Names start with fairlead_; labels take few values only (states, routes,
 * checkers), never names of endpoints or clients; the answers of load balancers are the exception that operators ask for.
 */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'

export type Metrics = ReturnType<typeof createMetrics>

/** Gauges that cost something are set by `refresh` when they are read, not when things change. */
export function createMetrics() {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  const gauge = <L extends string>(name: string, help: string, labelNames: readonly L[] = []) =>
    new Gauge({ name, help, labelNames, registers })
  return {
    registry,
    revision: gauge('fairlead_revision', 'Revision of the configuration that is in force'),
    endpoints: gauge('fairlead_endpoints', 'Endpoints by state', ['state']),
    loadBalancers: gauge('fairlead_load_balancers', 'Load balancers'),
    byWhenDown: gauge(
      'fairlead_load_balancers_by_when_down',
      'Load balancers that answer by their all-down mode',
    ),
    checkerAgeSeconds: gauge('fairlead_checker_frame_age_seconds', 'Time since the last frame of a checker', [
      'checker',
    ]),
    checkerLoss: gauge('fairlead_checker_loss_ratio', 'Share of its own probes that a checker loses', [
      'checker',
    ]),
    checkerLive: gauge('fairlead_checker_live', '1: heard within the lease and not fenced', ['checker']),
    nameserverUp: gauge('fairlead_nameserver_up', '1: its DNS server answers', ['nameserver', 'site']),
    heldEndpoints: gauge(
      'fairlead_held_endpoints',
      'Endpoints that are down and stay answered because the withdrawal budget is spent, once for each load balancer',
    ),
    overrides: gauge('fairlead_overrides', 'Overrides in force, by state', ['state']),
    drains: gauge('fairlead_drains', 'Drains, by phase', ['phase']),
    latched: gauge(
      'fairlead_latched_load_balancers',
      'Load balancers that stay on a later tier until a failback',
    ),
    alarms: gauge('fairlead_alarms', 'Things that are wrong now, as /v1/status lists them'),
    eventClients: gauge('fairlead_event_clients', 'Clients of /v1/events'),
    transitions: new Counter({
      name: 'fairlead_transitions_total',
      help: 'Changes of a verdict, by what it changed to',
      labelNames: ['to'] as const,
      registers,
    }),
    historyLost: new Counter({
      name: 'fairlead_history_lost_total',
      help: 'Transitions that could not be written to the history in time',
      registers,
    }),
    ...nodeGauges(registers),
    publications: new Counter({
      name: 'fairlead_publications_total',
      help: 'Plans written to a DNS server',
      registers,
    }),
    publicationSeconds: new Histogram({
      name: 'fairlead_publication_read_back_seconds',
      help: 'From the write to the first right answer of the DNS server',
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5],
      registers,
    }),
    requestSeconds: new Histogram({
      name: 'fairlead_api_request_seconds',
      help: 'Time to answer a request, by method, route (its pattern) and status class',
      labelNames: ['method', 'route', 'status'] as const,
      buckets: [0.001, 0.005, 0.025, 0.1, 0.5, 1, 5, 30],
      registers,
    }),
  }
}

function nodeGauges(registers: Registry[]) {
  const gauge = (name: string, help: string) =>
    new Gauge({ name, help, labelNames: ['nameserver', 'site'] as const, registers })
  return {
    disagree: new Gauge({
      name: 'fairlead_nameservers_disagree',
      help: '1: nameservers come to different verdicts',
      registers,
    }),
    certificateEnds: new Gauge({
      name: 'fairlead_certificate_not_after_timestamp_seconds',
      help: 'End of the certificate that a node, or this control, has come with last, as a Unix time',
      labelNames: ['identity'] as const,
      registers,
    }),
    nameserverAgeSeconds: gauge(
      'fairlead_nameserver_report_age_seconds',
      'Time since the last report of a nameserver',
    ),
    queriesPerSec: gauge(
      'fairlead_nameserver_queries_per_second',
      'Queries of clients, over the last seconds',
    ),
    latencySeconds: gauge(
      'fairlead_nameserver_latency_seconds',
      'Average time of an answer, as its server gives it',
    ),
    cacheHitRatio: gauge(
      'fairlead_nameserver_cache_hit_ratio',
      'Answers from the packet cache, of those looked for',
    ),
    responsesPerSec: new Gauge({
      name: 'fairlead_nameserver_responses_per_second',
      help: 'Responses by code, over the last seconds',
      labelNames: ['nameserver', 'site', 'code'] as const,
      registers,
    }),
    answerShare: new Gauge({
      name: 'fairlead_answer_share',
      help: 'Share of each answer that is chosen for each query, over the last seconds, where a dnsdist counts it',
      labelNames: ['load_balancer', 'type', 'value'] as const,
      registers,
    }),
    balancerQueriesPerSec: new Gauge({
      name: 'fairlead_load_balancer_queries_per_second',
      help: 'Queries for a load balancer, over the last seconds, where a dnsdist counts them',
      labelNames: ['load_balancer', 'type'] as const,
      registers,
    }),
    nameserverBehind: gauge(
      'fairlead_nameserver_revisions_behind',
      'Revisions that a nameserver does not answer by yet',
    ),
  }
}
