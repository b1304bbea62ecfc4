import { withBareMetalOptions } from '../config/bare-metal-options.ts';
import type { Config } from '../config/options.ts';
import { readProviderConfig } from '../config/read-provider-config.ts';
import type { Kinds } from '../controller/kinds/kinds.ts';
import type { Log } from '../controller/log.ts';
import type { ProviderInstance } from '../controller/provider-calls.ts';
import { ProviderReports, type ReportSinks } from '../controller/reports/provider-reports.ts';
import type { Clock } from '../kube/clock.ts';
import { loadProvider } from '../provider/load-provider.ts';

/** What an instance is given to live in; the same in the controller and in the speaker. */
export interface InstanceParts {
  readonly role: 'controller' | 'speaker';
  readonly cluster: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly kinds: Kinds;
  readonly sinks: ReportSinks;
  readonly requeue: (ids: readonly string[], reason: string) => void;
  /** Told after the instance has been told that a kind it is configured by is another. */
  readonly configurationChanged?: () => void;
}

/** Built-in providers, each loaded only when it is chosen; they go through the same door as anybody's. */
const builtIn = {
  aws: () => import('../../providers/aws/aws.ts'),
  'bare-metal': () => import('../../providers/bare-metal/bare-metal.ts'),
  gcp: () => import('../../providers/gcp/gcp.ts'),
  'in-memory': () => import('../../providers/in-memory/in-memory.ts'),
} as const;

/** Throws an error of one line where the provider cannot be loaded or refuses its configuration. */
export async function createInstance(
  spec: Config['provider'][number],
  config: Pick<Config, 'providerPath' | 'pool' | 'metallbNamespace'>,
  parts: InstanceParts,
): Promise<ProviderInstance> {
  const { role, cluster, clock, log, kinds, sinks, requeue, configurationChanged } = parts;
  const [createProvider, providerConfig] = await Promise.all([
    loadProvider(spec.module, { builtIn, searchFrom: config.providerPath ?? process.cwd() }),
    readProviderConfig(spec),
  ]);
  const reports = new ProviderReports(spec.name, sinks, log);
  const provider = await createProvider({
    cluster,
    instance: spec.name,
    role,
    config: withBareMetalOptions(spec, providerConfig, config),
    clock,
    log: {
      info: (fields, message) => log.info({ ...fields, provider: spec.name }, message),
      warn: (fields, message) => log.warn({ ...fields, provider: spec.name }, message),
    },
    requeue,
    resources(kind, changed) {
      const view = kinds.view(spec.name, kind, changed);
      if (configurationChanged !== undefined) kinds.view(spec.name, kind, configurationChanged);
      return view;
    },
    report: report => reports.report(report),
  });
  const { capabilities } = provider;
  reports.declare(capabilities);
  return {
    name: spec.name,
    classes: spec.classes,
    isDefault: spec.isDefault,
    capabilities,
    needs: loadBalancer => provider.needs(loadBalancer),
    provider,
  };
}
