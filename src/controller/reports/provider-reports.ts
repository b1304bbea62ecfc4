import type { EventContent, EventSubject } from '../../kube/event-body.ts';
import type { Capabilities, ProviderReport, ResourceKind } from '../../provider/provider.ts';
import type { Log } from '../log.ts';

/** Where reports go. */
export interface ReportSinks {
  readonly gauges: GaugeSink;
  event(about: EventSubject, event: EventContent): void;
  status(instance: string, kind: ResourceKind, name: string, status: object): void;
}

export interface GaugeSink {
  /** Throws an error of one line where a gauge cannot be declared so. */
  declare(instance: string, gauges: NonNullable<Capabilities['gauges']>): void;
  set(instance: string, gauge: string, labels: Readonly<Record<string, string>>, value: number | undefined): void;
}

/** Those made before the gauges are declared, which is when `createProvider` has returned. */
const mostEarly = 1_000;

/** What one instance reports, taken apart. Never throws at the instance. */
export class ProviderReports {
  readonly #instance: string;
  readonly #sinks: ReportSinks;
  readonly #log: Log;
  #early: ProviderReport[] | undefined = [];

  constructor(instance: string, sinks: ReportSinks, log: Log) {
    this.#instance = instance;
    this.#sinks = sinks;
    this.#log = log;
  }

  /** To be called when the instance has been created. */
  declare({ gauges = {} }: Capabilities): void {
    this.#sinks.gauges.declare(this.#instance, gauges);
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const report of early) this.report(report);
  }

  report(report: ProviderReport): void {
    if (this.#early !== undefined) {
      if (this.#early.length < mostEarly) this.#early.push(report);
      return;
    }
    try {
      this.#pass(report);
    } catch (error) {
      this.#log.warn(
        { err: error, provider: this.#instance, report: report.kind },
        'a report of a provider was dropped',
      );
    }
  }

  #pass(report: ProviderReport): void {
    switch (report.kind) {
      case 'gauge':
        return this.#sinks.gauges.set(this.#instance, report.gauge, report.labels, report.value);
      case 'status':
        return this.#sinks.status(this.#instance, report.of, report.name, report.status);
      case 'event': {
        const { apiVersion, kind, namespace, name, uid } = report.about;
        const metadata = { name, uid, resourceVersion: '', ...(namespace !== '' && { namespace }) };
        const { type, reason, message } = report;
        return this.#sinks.event({ apiVersion, kind, metadata }, { type, reason, message });
      }
    }
  }
}
