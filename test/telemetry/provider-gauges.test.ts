import { describe, expect, test } from 'vitest';
import { createMetrics } from '../../src/telemetry/metrics.ts';

const gauges = { pool_used: { help: 'Addresses in use.', labels: ['pool'] } };

describe('gauges of providers', () => {
  test('are shared by the instances of one provider, and told apart by their names', async () => {
    const metrics = createMetrics();
    for (const instance of ['a', 'b']) metrics.gauges.declare(instance, gauges);
    metrics.gauges.set('a', 'pool_used', { pool: 'one' }, 1);
    metrics.gauges.set('b', 'pool_used', { pool: 'one' }, 2);
    const { text } = await metrics.scrape();
    expect(text).toContain('# HELP fairlead_pool_used Addresses in use.\n# TYPE fairlead_pool_used gauge\n');
    expect(text).toContain('fairlead_pool_used{provider="a",pool="one"} 1\n');
    expect(text).toContain('fairlead_pool_used{provider="b",pool="one"} 2\n');
  });

  test.each([
    ['a name that is no word', { 'Pool-Used': { help: '', labels: [] } }, 'lower-case letters'],
    ['a name of fairlead’s own', { services: { help: '', labels: [] } }, 'a metric of fairlead itself'],
    ['the label provider', { x: { help: '', labels: ['provider'] } }, 'a label that is no lower-case word'],
    ['other labels than before', { pool_used: { help: '', labels: ['node'] } }, 'with the labels pool already'],
  ] as const)('%s is refused', (_, declared, says) => {
    const metrics = createMetrics();
    metrics.gauges.declare('a', gauges);
    expect(() => metrics.gauges.declare('b', declared)).toThrow(says);
  });

  test('a wrong label, an unknown gauge and series without end are refused', () => {
    const metrics = createMetrics();
    metrics.gauges.declare('a', gauges);
    expect(() => metrics.gauges.set('a', 'pool_used', { node: 'n' }, 1)).toThrow('has the labels pool');
    expect(() => metrics.gauges.set('a', 'nothing', {}, 1)).toThrow('is not declared');
    for (let series = 0; series < 5_000; series++) metrics.gauges.set('a', 'pool_used', { pool: String(series) }, 1);
    expect(() => metrics.gauges.set('a', 'pool_used', { pool: 'more' }, 1)).toThrow('has 5000 series already');
    metrics.gauges.set('a', 'pool_used', { pool: '0' }, undefined);
    expect(() => metrics.gauges.set('a', 'pool_used', { pool: 'more' }, 1)).not.toThrow();
  });
});
