import { Gauge, type Registry } from 'prom-client';

interface GaugeDeclaration {
  readonly help: string;
  readonly labels: readonly string[];
}

const label = /^[a-z][a-z0-9_]*$/;
/** Of one gauge of one instance; the values are the operator's, so this is a mistake's bound. */
const mostSeries = 5_000;

/** The gauges that providers declare, `fairlead_<name>` with a label `provider` beside their own; shared by the instances of one provider. */
export class ProviderGauges {
  readonly #registry: Registry;
  readonly #gauges = new Map<string, { readonly gauge: Gauge; readonly labels: readonly string[] }>();
  /** By instance and gauge. */
  readonly #series = new Map<string, Set<string>>();

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  declare(instance: string, gauges: Readonly<Record<string, GaugeDeclaration>>): void {
    for (const [name, { help, labels }] of Object.entries(gauges)) {
      const fault = this.#faultOf(name, labels);
      if (fault !== undefined) throw new Error(`provider ${instance}: gauge ${name} ${fault}`);
      if (this.#gauges.has(name)) continue;
      const common = { name: `fairlead_${name}`, help, labelNames: ['provider', ...labels] };
      this.#gauges.set(name, { gauge: new Gauge({ ...common, registers: [this.#registry] }), labels });
    }
  }

  /** Throws where the gauge or a label is not declared, or there are too many series. */
  set(instance: string, name: string, labels: Readonly<Record<string, string>>, value: number | undefined): void {
    const known = this.#gauges.get(name);
    if (known === undefined) throw new Error(`gauge ${name} is not declared`);
    if (Object.keys(labels).toSorted().join() !== known.labels.toSorted().join())
      throw new Error(`gauge ${name} has the labels ${known.labels.join(', ')}`);
    const values = { provider: instance, ...labels };
    const series = this.#seriesOf(instance, name);
    const key = JSON.stringify(known.labels.map(one => labels[one]));
    if (value === undefined) {
      series.delete(key);
      known.gauge.remove(values);
      return;
    }
    if (!series.has(key) && series.size >= mostSeries)
      throw new Error(`gauge ${name} has ${mostSeries} series already`);
    series.add(key);
    known.gauge.set(values, value);
  }

  #faultOf(name: string, labels: readonly string[]): string | undefined {
    const known = this.#gauges.get(name);
    if (known !== undefined)
      return known.labels.join() === labels.join()
        ? undefined
        : `is declared with the labels ${known.labels.join(', ')} already`;
    if (!label.test(name)) return 'must be of lower-case letters, digits and underscores';
    if (this.#registry.getSingleMetric(`fairlead_${name}`) !== undefined) return 'is a metric of fairlead itself';
    if (labels.includes('provider') || !labels.every(one => label.test(one)))
      return 'has a label that is no lower-case word, or is `provider`';
    return undefined;
  }

  #seriesOf(instance: string, name: string): Set<string> {
    const key = `${instance}/${name}`;
    const known = this.#series.get(key) ?? new Set();
    this.#series.set(key, known);
    return known;
  }
}
