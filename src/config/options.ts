import { allowedAnnotation } from './allowed-annotation.ts';
import {
  addressRange,
  dnsLabel,
  duration,
  everyNode,
  labelSelector,
  listenAddress,
  nodeName,
  oneOf,
  onOff,
  portRange,
  text,
  wholeNumber,
} from './kinds.ts';
import { type About, type Command, type Group, type Option, optional, repeated, single } from './option.ts';
import { providerSpec } from './provider-spec.ts';

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

const cluster: readonly Command[] = ['controller', 'speaker', 'drain', 'migrate', 'uninstall', 'destroy'];
const withProviders: readonly Command[] = ['controller', 'speaker', 'uninstall', 'destroy'];
const roles: readonly Command[] = ['controller', 'speaker'];
const inGroup = (group: Group, help: string, more: Omit<About, 'group' | 'help'> = {}): About => ({
  group,
  help,
  ...more,
});

/**
 * Every option, declared once. Flag and variable are made from the key: `verifyInterval` is `--verify-interval` and
 * `FAIRLEAD_VERIFY_INTERVAL`. `--help`, the reference page, the parser and the published configuration all read this table.
 */
export const options = {
  kubeconfig: optional(
    text('<path>'),
    '$KUBECONFIG, ~/.kube/config, or the pod’s service account',
    inGroup('Kubernetes', 'The kubeconfig file to use.', { commands: cluster }),
  ),
  context: optional(
    text('<name>'),
    'the kubeconfig’s current context',
    inGroup('Kubernetes', 'The kubeconfig context to use.', { commands: cluster }),
  ),
  clusterId: optional(
    dnsLabel('<name>'),
    'the UID of the kube-system namespace',
    inGroup(
      'Kubernetes',
      'The cluster’s name in every ownership mark outside and in heartbeats. Never change it while load balancers exist.',
      { commands: withProviders },
    ),
  ),
  configmap: single(
    dnsLabel('<name>', 253),
    'fairlead-config',
    inGroup(
      'Kubernetes',
      'The ConfigMap, in the Lease’s namespace, that shows the configuration in force, without secrets.',
    ),
  ),

  provider: repeated(
    providerSpec,
    inGroup(
      'Providers',
      'A provider instance: name=module[,class=<class>]…[,default][,config=<path or {JSON}>]. Module: a built-in name, an npm package, or a file. One word, such as aws, is both name and module.',
      { commands: withProviders },
    ),
  ),
  providerPath: optional(
    text('<folder>'),
    'the working folder',
    inGroup('Providers', 'The folder from which npm packages and relative files are resolved.', {
      commands: withProviders,
    }),
  ),
  pool: repeated(
    addressRange,
    inGroup(
      'Providers',
      'Addresses for Services, for the one instance of the provider bare-metal; without any --provider it implies bare-metal=bare-metal,default.',
      { commands: roles },
    ),
  ),
  metallbNamespace: single(
    dnsLabel('<namespace>'),
    'metallb-system',
    inGroup('Providers', 'Where MetalLB’s pools are read, by an instance of bare-metal whose config does not say it.', {
      commands: [...roles, 'migrate'],
    }),
  ),
  callDeadline: single(
    duration(second, hour),
    minute,
    inGroup('Providers', 'The longest that one provider call may take before it is aborted.', {
      commands: ['controller', 'uninstall', 'destroy'],
    }),
  ),

  concurrentServiceSyncs: single(
    wholeNumber(1, 1_000),
    10,
    inGroup(
      'The loop',
      'Services worked on at the same time, for each provider instance; those of which only the status is being written do not count.',
      {
        commands: ['controller', 'destroy'],
      },
    ),
  ),
  verifyInterval: single(
    duration(10 * second, 24 * hour),
    10 * minute,
    inGroup('The loop', 'How often an unchanged balancer is ensured again to repair drift; jittered.'),
  ),
  dryRun: single(
    onOff,
    false,
    inGroup(
      'The loop',
      'Write nothing, and print the plan of every Service; of a migration: the objects, as YAML; of destroy: what would go.',
      { commands: ['controller', 'migrate', 'destroy'] },
    ),
  ),

  nodeSelector: single(
    labelSelector,
    everyNode,
    inGroup(
      'Nodes and node ports',
      'Only nodes that match take traffic, and announce addresses. A Service’s own selector narrows this one.',
      { commands: roles },
    ),
  ),
  fillNodePorts: single(
    onOff,
    false,
    inGroup(
      'Nodes and node ports',
      'Fill in node ports for Services with allocateLoadBalancerNodePorts: false whose provider needs them. Needs patch on services.',
    ),
  ),
  nodePortRange: optional(
    portRange,
    'learned from the API server, else 30000-32767',
    inGroup('Nodes and node ports', 'kube-apiserver’s --service-node-port-range.'),
  ),

  annotationPolicy: single(
    oneOf('standard', 'strict'),
    'standard',
    inGroup(
      'Annotation policy',
      'standard: all provider annotations but those that reach beyond the Service’s own balancer. strict: only those released.',
    ),
  ),
  allowAnnotation: repeated(
    allowedAnnotation,
    inGroup(
      'Annotation policy',
      'Release one annotation, or with a trailing * all that begin so, for one namespace or * for all.',
    ),
  ),
  allowAdopt: repeated(
    dnsLabel('<namespace>'),
    inGroup('Annotation policy', 'A namespace whose Services may set fairlead.dev/adopt.'),
  ),
  allowAbandon: repeated(
    dnsLabel('<namespace>'),
    inGroup('Annotation policy', 'A namespace whose Services may set fairlead.dev/abandon.'),
  ),

  orphans: single(
    oneOf('report', 'delete', 'off'),
    'report',
    inGroup('Orphans', 'What to do about balancers of this cluster whose Service is gone.'),
  ),
  orphanInterval: single(duration(minute, 24 * hour), hour, inGroup('Orphans', 'How often orphans are looked for.')),

  leaderElect: single(
    onOff,
    true,
    inGroup('Leader election', 'Hold a Lease while working. Off only where one process can ever run.'),
  ),
  leaseNamespace: single(
    dnsLabel('<namespace>'),
    'kube-system',
    inGroup('Leader election', 'The namespace of the Lease, or of the speakers’ Leases.', {
      alsoEnv: 'POD_NAMESPACE',
      commands: withProviders,
    }),
  ),
  leaseName: single(
    dnsLabel('<name>', 253),
    'fairlead',
    inGroup('Leader election', 'The name of the Lease.', { commands: ['controller', 'uninstall', 'destroy'] }),
  ),
  leaseDuration: single(
    duration(second, hour),
    15 * second,
    inGroup('Leader election', 'How long others wait after the last renewal; whole seconds.'),
  ),
  renewDeadline: single(
    duration(second, hour),
    10 * second,
    inGroup('Leader election', 'How long this process works on after its last renewal.'),
  ),
  retryPeriod: single(
    duration(100, hour),
    2 * second,
    inGroup('Leader election', 'The pause between attempts to gain or renew the Lease.'),
  ),

  node: optional(
    nodeName,
    'none: it must be given',
    inGroup('Speaker', 'The name of the Node object that this speaker speaks for.', {
      alsoEnv: 'NODE_NAME',
      commands: ['speaker'],
    }),
  ),
  heartbeatKeyFile: optional(
    text('<path>'),
    'heartbeats are not authenticated, and a Warning says so',
    inGroup(
      'Speaker',
      'A file with the secret that all speakers of the cluster share, 16 to 4096 bytes; read once, at the start.',
      { commands: ['speaker'] },
    ),
  ),

  drainedNode: optional(
    nodeName,
    'none: it must be given',
    inGroup('Drain', 'The node that is to announce nothing.', { commands: ['drain'], argumentOf: 'drain' }),
  ),
  undo: single(onOff, false, inGroup('Drain', 'Let the node announce again.', { commands: ['drain'] })),
  wait: single(
    onOff,
    true,
    inGroup('Drain', 'Wait until the node announces nothing. --wait=false returns at once.', { commands: ['drain'] }),
  ),
  waitTimeout: single(
    duration(second, hour),
    minute,
    inGroup('Drain', 'How long to wait before giving up; the node stays marked.', { commands: ['drain'] }),
  ),

  migrateFrom: optional(
    oneOf('metallb'),
    'none: it must be given',
    inGroup('Migrate', 'Whose pools are taken over.', { commands: ['migrate'], argumentOf: 'migrate' }),
  ),
  force: single(
    onOff,
    false,
    inGroup('Migrate', 'Go on although something cannot be said in our kinds; it is named all the same.', {
      commands: ['migrate'],
    }),
  ),

  destroyTimeout: single(
    duration(second, 24 * hour),
    15 * minute,
    inGroup('Destroy', 'How long to go on with what is not gone yet before giving up; what is left is named.', {
      commands: ['destroy'],
    }),
  ),

  listen: single(
    listenAddress,
    { port: 8080 },
    inGroup('Process', 'Where /healthz, /readyz and /metrics are served.', { commands: roles }),
  ),
  logLevel: single(
    oneOf('trace', 'debug', 'info', 'warn', 'error'),
    'info',
    inGroup('Process', 'The least level that is logged.', { commands: cluster }),
  ),
  shutdownGrace: single(
    duration(0, 10 * minute),
    10 * second,
    inGroup(
      'Process',
      'How long after SIGTERM running provider calls may go on before they are aborted, and a speaker may take to hand its addresses over.',
      { commands: roles },
    ),
  ),
  yes: single(onOff, false, inGroup('Process', 'Do not ask.', { commands: ['migrate', 'uninstall', 'destroy'] })),
} as const satisfies Record<string, Option<unknown>>;

export type OptionKey = keyof typeof options;

/** The configuration in force. Durations are milliseconds. */
export type Config = { readonly [Key in OptionKey]: ReturnType<(typeof options)[Key]['read']> };

/** The table with its types erased, in its order. */
export const optionEntries = Object.entries(options) as readonly (readonly [OptionKey, Option<unknown>])[];

export function takes(command: Command, option: Option<unknown>): boolean {
  return (option.commands ?? ['controller']).includes(command);
}
