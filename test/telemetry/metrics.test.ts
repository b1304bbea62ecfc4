import { expect, test } from 'vitest';
import { metricLabels, metricsPage, metricTable } from '../../src/telemetry/metric-table.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';

test('every metric of the table is on the page for Prometheus, with its help and type', async () => {
  const { text, contentType } = await createMetrics().scrape();
  for (const { name, kind, help } of Object.values(metricTable)) {
    expect(text).toContain(`# HELP ${name} ${help}\n# TYPE ${name} ${kind}\n`);
  }
  expect(contentType).toContain('version=0.0.4');
});

test('names follow Prometheus’ rules: base units, counters end in _total, no two alike', () => {
  const specs = Object.values(metricTable);
  expect(specs.filter(({ name, kind }) => (kind === 'counter') !== name.endsWith('_total'))).toEqual([]);
  expect(specs.filter(({ name }) => !/^(?:workqueue|fairlead)_[a-z_]+$/.test(name) || name.includes('milli'))).toEqual(
    [],
  );
  expect(new Set(specs.map(({ name }) => name)).size).toBe(specs.length);
});

test('what is counted and observed is on the page', async () => {
  const { metrics, scrape } = createMetrics();
  metrics.queueAdds.inc({ name: 'service' });
  metrics.providerCall.observe({ provider: 'main', verb: 'ensure', outcome: 'ok' }, 0.25);
  metrics.nodePorts.inc({ result: 'taken' });
  metrics.leader.set(1);
  const lines = (await scrape()).text.split('\n');
  for (const line of [
    'workqueue_adds_total{name="service"} 1',
    'fairlead_provider_call_duration_seconds_bucket{le="0.25",provider="main",verb="ensure",outcome="ok"} 1',
    'fairlead_provider_call_duration_seconds_bucket{le="0.1",provider="main",verb="ensure",outcome="ok"} 0',
    'fairlead_node_port_allocations_total{result="taken"} 1',
    'fairlead_leader 1',
  ]) {
    expect(lines).toContain(line);
  }
});

test('gauges that are read are read at each scrape', async () => {
  const set = createMetrics();
  let depth = 1;
  set.beforeScrape(() => set.metrics.queueDepth.set({ name: 'service' }, depth));
  expect((await set.scrape()).text).toContain('workqueue_depth{name="service"} 1');
  depth = 2;
  expect((await set.scrape()).text).toContain('workqueue_depth{name="service"} 2');
});

test('two sets count apart', async () => {
  const one = createMetrics();
  const other = createMetrics();
  one.metrics.eventsDropped.inc();
  expect((await other.scrape()).text).toContain('fairlead_events_dropped_total 0');
});

test('the page explains every label, and no label is declared that no metric has', () => {
  const used = new Set(Object.values(metricTable).flatMap(({ labels }) => [...labels]));
  expect([...used].toSorted()).toEqual(Object.keys(metricLabels).toSorted());
  for (const { name } of Object.values(metricTable)) expect(metricsPage()).toContain(`\`${name}\``);
});
