import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { type MetricKind, type MetricSpec, metricTable } from './metric-table.ts';
import { ProviderGauges } from './provider-gauges.ts';

type Instrument<Spec> =
  Spec extends MetricSpec<'counter', infer Label>
    ? Counter<Label>
    : Spec extends MetricSpec<'gauge', infer Label>
      ? Gauge<Label>
      : Spec extends MetricSpec<'histogram', infer Label>
        ? Histogram<Label>
        : never;

/** One instrument for each row of `metricTable`. */
export type Metrics = { readonly [Key in keyof typeof metricTable]: Instrument<(typeof metricTable)[Key]> };

export interface MetricSet {
  readonly metrics: Metrics;
  /** What providers declare beside the table. */
  readonly gauges: ProviderGauges;
  /** Runs before each scrape: for gauges that are read, not counted. A scraper waits for it, so it must be quick. */
  beforeScrape(this: void, collect: () => void): void;
  /** The page for `/metrics`. */
  scrape(this: void): Promise<MetricPage>;
}

export interface MetricPage {
  readonly contentType: string;
  readonly text: string;
}

/** A set of its own, so that two controllers in one process (tests, the simulation) count apart. */
export function createMetrics(): MetricSet {
  const registry = new Registry();
  const collectors: (() => void)[] = [];
  const entries = Object.entries(metricTable).map(([key, spec]) => [key, instrumentOf(spec, registry)]);
  return {
    metrics: Object.fromEntries(entries) as Metrics,
    gauges: new ProviderGauges(registry),
    beforeScrape: collect => void collectors.push(collect),
    async scrape() {
      for (const collect of collectors) collect();
      return { contentType: registry.contentType, text: await registry.metrics() };
    },
  };
}

function instrumentOf(
  { kind, name, help, labels, buckets }: MetricSpec<MetricKind, string>,
  registry: Registry,
): unknown {
  const common = { name, help, labelNames: labels, registers: [registry] };
  if (kind === 'counter') return new Counter(common);
  if (kind === 'gauge') return new Gauge(common);
  return new Histogram({ ...common, buckets: [...(buckets ?? [])] });
}
