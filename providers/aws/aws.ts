import type {
  Call,
  Capabilities,
  Deleted,
  Ensured,
  LoadBalancer,
  LoadBalancerRef,
  Needs,
  Provider,
  ProviderContext,
} from '../../src/provider/provider.ts';
import { ProviderError } from '../../src/provider/provider-error.ts';
import { annotationKey, annotationPrefix, restrictedAnnotations } from './annotations/annotation-table.ts';
import { parseSettings } from './annotations/parse-settings.ts';
import { BackendGroup } from './backend/backend-group.ts';
import type { Aws } from './client/aws.ts';
import { connectAws } from './client/connect-aws.ts';
import { laneGauges, reportLanes } from './client/lane-gauge.ts';
import { type AwsConfig, parseConfig } from './config.ts';
import { deleteBalancer } from './ensure/delete-balancer.ts';
import { type EnsureDeps, ensureBalancer } from './ensure/ensure-balancer.ts';
import { restoreBalancers } from './ensure/restore-balancers.ts';
import { BalancerQuota } from './inventory/balancer-quota.ts';
import { Inventory } from './inventory/inventory.ts';
import { NetworkFacts } from './inventory/network-facts.ts';
import { Provisioning } from './inventory/provisioning.ts';
import { Reminders } from './inventory/reminders.ts';
import { TargetSyncer } from './targets/target-syncer.ts';

const capabilities: Capabilities = {
  protocols: ['TCP', 'UDP'],
  mixedProtocols: true,
  ipFamilies: ['IPv4', 'IPv6'],
  dualStack: true,
  sourceRanges: true,
  sessionAffinity: true,
  keepsOutside: true,
  annotationPrefixes: [annotationPrefix],
  restrictedAnnotations: restrictedAnnotations(),
  nodeSelectorAnnotation: annotationKey('nodeLabels'),
  labelPrefixes: [],
  // A quota of AWS that cannot be raised.
  maxListeners: 50,
  gauges: laneGauges,
};

/** AWS: a Network Load Balancer for each Service, with the fewest requests that make it so. */
export async function createProvider(context: ProviderContext): Promise<Provider> {
  const config = parseConfig(context.config);
  const aws = await connectAws({ clock: context.clock, limits: config.limits, waiting: reportLanes(context) });
  return new AwsProvider(context, config, aws);
}

class AwsProvider implements Provider {
  readonly contractVersion = 1;
  readonly capabilities = capabilities;
  readonly #config: AwsConfig;
  readonly #cluster: string;
  readonly #deps: EnsureDeps;
  readonly #reminders: Reminders;

  constructor(context: ProviderContext, config: AwsConfig, aws: Aws) {
    const { cluster, clock } = context;
    this.#config = config;
    this.#cluster = cluster;
    this.#reminders = new Reminders(clock, (ids, reason) => context.requeue(ids, reason));
    const inventory = new Inventory({ aws, clock, cluster });
    this.#deps = {
      aws,
      clock,
      config,
      inventory,
      backend: new BackendGroup({ aws, clock, cluster, config, inventory }),
      targets: new TargetSyncer(aws, clock),
      network: new NetworkFacts(aws, clock, inventory.time, config),
      provisioning: new Provisioning(aws, clock),
      quota: new BalancerQuota(aws, config.quotas.loadBalancers),
      reminders: this.#reminders,
    };
  }

  /** Bad annotations are told by the ensure. */
  needs({ annotations }: LoadBalancer): Needs {
    const kind = targetKindOf(annotations) ?? this.#config.defaultTargetType;
    return kind === 'ip' ? { nodePorts: false, endpoints: true } : { nodePorts: true };
  }

  async restore(held: readonly LoadBalancer[], call: Call): Promise<void> {
    call.assertLeading();
    const { inventory, backend, provisioning } = this.#deps;
    for (const one of [inventory, backend, provisioning, this.#reminders]) one.reset();
    await restoreBalancers(this.#deps, held, call);
  }

  async ensureLoadBalancer(loadBalancer: LoadBalancer, call: Call): Promise<Ensured> {
    call.assertLeading();
    if (loadBalancer.adopt === true)
      throw new ProviderError(
        'unsupported',
        'a load balancer of another controller cannot be taken over: create the Service again',
      );
    return ensureBalancer(this.#deps, loadBalancer, call);
  }

  async ensureLoadBalancerDeleted(ref: LoadBalancerRef, call: Call): Promise<Deleted> {
    call.assertLeading();
    this.#reminders.cancel(ref.id);
    return deleteBalancer(this.#deps, ref, call);
  }

  async listLoadBalancers(call: Call): Promise<readonly LoadBalancerRef[]> {
    const { inventory } = this.#deps;
    await inventory.look(call, { after: inventory.time.next() });
    return inventory.owners().map(({ id, service }) => ({ id, cluster: this.#cluster, service }));
  }

  async close(): Promise<void> {
    this.#reminders.reset();
    this.#deps.aws.close();
  }
}

function targetKindOf(annotations: LoadBalancer['annotations']) {
  try {
    return parseSettings(annotations).settings.targetKind;
  } catch {
    return undefined;
  }
}
