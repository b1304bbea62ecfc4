export type MetricKind = 'counter' | 'gauge' | 'histogram';

export interface MetricSpec<Kind extends MetricKind, Label extends string> {
  readonly kind: Kind;
  readonly name: string;
  readonly help: string;
  readonly labels: readonly Label[];
  /** Upper bounds in the metric's unit; histograms only. */
  readonly buckets?: readonly number[];
}

/**
 * Every label, and where its values come from: always the operator, Kubernetes or this code, never a tenant, so that their number
 * is bounded.
 */
export const metricLabels = {
  name: 'name of the work queue: `service`',
  provider: 'provider instance, as the operator names it; empty where there is none',
  verb: 'provider: `restore`, `ensure`, `delete`, `list`; API: the HTTP method, or `WATCH`',
  outcome: '`ok`, `pending`, `unsupported`, `rejected`, `throttled`, `timeout`, `error`',
  resource: 'plural, such as `services`; `other` for paths that name none',
  code: 'HTTP status; `0` where there was no answer',
  state: '`ready`, `degraded`, `pending`, `refused`, `deleting`, `none`: nothing reported yet',
  result: '`allocated`; `taken`: another number is tried; `failed`',
  direction: '`gained`, `lost`',
  fate: '`sent`; `heard`: of another node, and believed; `rejected`: forged, replayed, or not to be read',
  lease: '`fresh`, `expired`, `none`: released, or never taken',
  version: 'version of fairlead',
  node_version: 'version of Node.js',
} as const satisfies Record<string, string>;

type KnownLabel = keyof typeof metricLabels;

const counter = <L extends KnownLabel>(
  name: string,
  help: string,
  ...labels: readonly L[]
): MetricSpec<'counter', L> => ({
  kind: 'counter',
  name,
  help,
  labels,
});
const gauge = <L extends KnownLabel>(name: string, help: string, ...labels: readonly L[]): MetricSpec<'gauge', L> => ({
  kind: 'gauge',
  name,
  help,
  labels,
});
const histogram = <L extends KnownLabel>(
  name: string,
  help: string,
  buckets: readonly number[],
  ...labels: readonly L[]
): MetricSpec<'histogram', L> => ({
  kind: 'histogram',
  name,
  help,
  labels,
  buckets,
});

/** Seconds, 1 ms to 10 min: as client-go's, without its micro-seconds. */
const waits = [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 60, 600];
/** Seconds, 5 ms to 5 min: a cloud's answers. */
const calls = [0.005, 0.02, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

/** Every metric, declared once. The work queue's are named as client-go names them, so that dashboards keep working. */
export const metricTable = {
  queueDepth: gauge('workqueue_depth', 'Keys that wait.', 'name'),
  queueAdds: counter('workqueue_adds_total', 'Keys added.', 'name'),
  queueWait: histogram(
    'workqueue_queue_duration_seconds',
    'How long a key waited before it was worked on.',
    waits,
    'name',
  ),
  queueWork: histogram('workqueue_work_duration_seconds', 'How long a key was worked on.', waits, 'name'),
  queueRetries: counter('workqueue_retries_total', 'Keys added again after a failure.', 'name'),
  queueUnfinished: gauge(
    'workqueue_unfinished_work_seconds',
    'Time that work under way has taken so far, summed.',
    'name',
  ),
  queueLongestRunning: gauge(
    'workqueue_longest_running_processor_seconds',
    'The longest time that a key has been worked on so far.',
    'name',
  ),

  providerCall: histogram(
    'fairlead_provider_call_duration_seconds',
    'Provider calls and how long they took.',
    calls,
    'provider',
    'verb',
    'outcome',
  ),
  breakerOpen: gauge(
    'fairlead_provider_breaker_open',
    '1 while calls to the provider are held back because it keeps failing.',
    'provider',
  ),
  apiRequests: counter(
    'fairlead_api_requests_total',
    'Requests to the API server that have been answered or have failed.',
    'verb',
    'resource',
    'code',
  ),
  services: gauge('fairlead_services', 'Services of ours by state.', 'provider', 'state'),
  nodePorts: counter('fairlead_node_port_allocations_total', 'Attempts to fill in node ports.', 'result'),
  orphans: gauge('fairlead_orphans', 'Balancers of this cluster without a Service, at the last sweep.', 'provider'),
  eventsDropped: counter(
    'fairlead_events_dropped_total',
    'Events not written: too many, or refused by the API server.',
  ),

  speakerAnnounced: gauge('fairlead_speaker_announced', 'Addresses that this node announces.'),
  speakerCandidate: gauge('fairlead_speaker_candidate', 'Published addresses that this node may announce.'),
  speakerRefused: gauge('fairlead_speaker_refused', 'Addresses that this node should announce and cannot.'),
  speakerConflicts: gauge(
    'fairlead_speaker_conflicts',
    'Other hosts that answer for an address of ours, as this node hears.',
  ),
  speakerOccupied: gauge(
    'fairlead_speaker_occupied',
    'Free addresses of pools that some host answers for, as this node hears.',
  ),
  speakerMoves: counter(
    'fairlead_speaker_moves_total',
    'Addresses that have come to this node or gone from it.',
    'direction',
  ),
  speakerHeartbeats: counter('fairlead_speaker_heartbeats_total', 'Heartbeats on all segments of this node.', 'fate'),
  speakerMembership: counter(
    'fairlead_speaker_membership_changes_total',
    'Times that another node has come to a segment of this node, has gone, or has said that it leaves.',
  ),
  speakerLeases: gauge(
    'fairlead_speaker_leases',
    'Speakers by the state of their Lease, as this node sees them.',
    'lease',
  ),
  speakerPing: histogram(
    'fairlead_speaker_ping_duration_seconds',
    'How long the part that answers on the wire took to answer the main thread.',
    waits,
  ),
  speakerSilences: counter(
    'fairlead_speaker_silences_total',
    'Times it has not answered within a second; the Lease is not renewed then.',
  ),

  leader: gauge('fairlead_leader', '1 while this process may act as leader.'),
  loopProgress: gauge(
    'fairlead_loop_last_progress_timestamp_seconds',
    'When the loop last finished a key or found nothing to do, in Unix time.',
  ),
  unhandledRejections: counter(
    'fairlead_unhandled_rejections_total',
    'Promises that failed with nobody looking: each is a fault of fairlead or a provider.',
  ),
  buildInfo: gauge('fairlead_build_info', 'Always 1.', 'version', 'node_version'),
} as const satisfies Record<string, MetricSpec<MetricKind, KnownLabel>>;

/** docs/reference/metrics.md. */
export function metricsPage(): string {
  const lines = [
    '# Metrics',
    '',
    'Served at `/metrics`, in Prometheus’ text format. No label holds anything that a tenant can write.',
    '',
  ];
  lines.push('| metric | type | labels | meaning |', '|---|---|---|---|');
  for (const { name, kind, labels, help } of Object.values(metricTable)) {
    lines.push(`| \`${name}\` | ${kind} | ${labels.map(one => `\`${one}\``).join(', ')} | ${help} |`);
  }
  lines.push(
    '',
    '## Labels',
    '',
    '| label | values |',
    '|---|---|',
    ...Object.entries(metricLabels).map(([label, values]) => `| \`${label}\` | ${values} |`),
  );
  return `${lines.join('\n')}\n`;
}
