import { KubeError, type KubeRequest, patchType } from '../../../src/kube/client.ts';
import type { Random } from '../../../src/kube/clock.ts';
import type { Service, ServicePort } from '../../../src/kube/objects.ts';
import type { ApiServer } from './api-server.ts';
import { between, oneOf, weighted } from './random.ts';

export const foreignClass = 'example.com/foreign';
export const foreignFinalizer = 'example.com/guard';
export const fillAnnotation = 'fairlead.dev/allocate-node-ports';

const names = ['default/web', 'default/dns', 'default/api', 'kube-system/web', 'kube-system/mail'];
const nodeNames = ['n1', 'n2', 'n3'];
const classes = [undefined, undefined, 'example.com/cloud', 'example.com/local', foreignClass];

const weights = {
  create: 8,
  ports: 4,
  leave: 3,
  comeBack: 3,
  delete: 3,
  recreate: 2,
  strip: 0.5,
  foreignFinalizer: 1,
  foreignFinalizerGone: 2,
  foreignStatus: 2,
  churn: 2,
  dropNodePorts: 1,
  allocation: 1,
  node: 2,
  nodeAddress: 1,
  nodeExcluded: 1,
  nodeGone: 0.7,
  pods: 3,
  podsGone: 0.5,
} as const;

/** Everybody who writes to the API server besides the controller, with the force of kubectl. */
export class Users {
  readonly #server: ApiServer;
  readonly #random: Random;
  readonly #log: (message: string) => void;
  /** UIDs of Services whose marks a user has taken off by force: what is outside for them is theirs to clean up. */
  readonly stripped = new Set<string>();

  constructor(server: ApiServer, random: Random, log: (message: string) => void) {
    this.#server = server;
    this.#random = random;
    this.#log = log;
  }

  /** Nodes that are there from the beginning. */
  begin(): void {
    for (const name of nodeNames.slice(0, 2)) this.#makeNode(name);
  }

  /** Does one thing, at random; where it cannot be done, nothing. */
  act(): void {
    const action = weighted(this.#random, weights);
    try {
      this[action]();
    } catch (error) {
      if (!(error instanceof KubeError)) throw error;
      this.#log(`${action}: refused, ${error.status} ${error.reason}`);
    }
  }

  create(): void {
    const free = names.filter(name => this.#find(name) === undefined);
    if (free.length > 0) this.#create(oneOf(this.#random, free));
  }

  ports(): void {
    const service = this.#any(one => one.metadata.deletionTimestamp === undefined);
    if (service === undefined) return;
    const kept = (service.spec.ports ?? []).slice(0, between(this.#random, 0, 2));
    const ports = [...kept, ...this.#newPorts().filter(port => !kept.some(one => one.port === port.port))];
    this.#patch(service, { spec: { ports } }, 'ports');
  }

  leave(): void {
    const service = this.#any(one => one.spec.type === 'LoadBalancer');
    if (service !== undefined)
      this.#patch(service, { spec: { type: oneOf(this.#random, ['ClusterIP', 'NodePort']) } }, 'leaves the type');
  }

  comeBack(): void {
    const service = this.#any(one => one.spec.type !== 'LoadBalancer');
    const loadBalancerClass = oneOf(this.#random, classes);
    if (service !== undefined)
      this.#patch(
        service,
        { spec: { type: 'LoadBalancer', loadBalancerClass } },
        `comes back with class ${loadBalancerClass}`,
      );
  }

  delete(): void {
    const service = this.#any(one => one.metadata.deletionTimestamp === undefined);
    if (service !== undefined) this.#do('DELETE', service, 'deletes');
  }

  recreate(): void {
    const service = this.#any();
    if (service === undefined) return;
    this.#do('DELETE', service, 'deletes, to recreate');
    const name = `${service.metadata.namespace}/${service.metadata.name}`;
    if (this.#find(name) === undefined) this.#create(name);
  }

  strip(): void {
    const service = this.#any(one => (one.metadata.finalizers ?? []).length > 0);
    if (service === undefined) return;
    if (service.metadata.finalizers?.some(one => one !== foreignFinalizer) === true)
      this.stripped.add(service.metadata.uid);
    this.#patch(service, { metadata: { finalizers: null } }, 'strips all finalizers');
  }

  foreignFinalizer(): void {
    const service = this.#any(one => one.metadata.deletionTimestamp === undefined);
    if (service === undefined) return;
    this.#do(
      'PATCH',
      service,
      'puts a foreign finalizer on',
      { metadata: { finalizers: [foreignFinalizer] } },
      patchType.strategicMerge,
    );
  }

  foreignFinalizerGone(): void {
    const service = this.#any(one => one.metadata.finalizers?.includes(foreignFinalizer) === true);
    if (service === undefined) return;
    const body = { metadata: { '$deleteFromPrimitiveList/finalizers': [foreignFinalizer] } };
    this.#do('PATCH', service, 'takes a foreign finalizer off', body, patchType.strategicMerge);
  }

  /** A foreign controller at work: addresses on Services of its own class, conditions on any. */
  foreignStatus(): void {
    const service = this.#any();
    if (service === undefined) return;
    const isTheirs = service.spec.type === 'LoadBalancer' && service.spec.loadBalancerClass === foreignClass;
    const conditions = [
      {
        type: 'example.com/Seen',
        status: 'True',
        reason: 'Seen',
        message: '',
        lastTransitionTime: '2030-01-01T00:00:00Z',
      },
    ];
    const loadBalancer = { ingress: [{ ip: `192.0.2.${between(this.#random, 1, 200)}` }] };
    const body = { status: { conditions, ...(isTheirs && { loadBalancer }) } };
    this.#do('PATCH', service, 'foreign status', body, patchType.strategicMerge, '/status');
  }

  churn(): void {
    const service = this.#any();
    const annotations = { 'example.com/beat': String(between(this.#random, 0, 1_000_000)) };
    if (service !== undefined) this.#patch(service, { metadata: { annotations } }, 'annotates');
  }

  /** As a replaced manifest does where allocation is off. */
  dropNodePorts(): void {
    const service = this.#any(one => one.spec.allocateLoadBalancerNodePorts === false);
    if (service === undefined) return;
    const ports = service.spec.ports?.map(({ nodePort: _, ...port }) => port);
    this.#patch(service, { spec: { ports } }, 'drops its node ports');
  }

  allocation(): void {
    const service = this.#any(one => one.spec.type === 'LoadBalancer');
    if (service === undefined) return;
    const isOn = service.spec.allocateLoadBalancerNodePorts !== false;
    this.#patch(service, { spec: { allocateLoadBalancerNodePorts: !isOn } }, `allocation ${!isOn}`);
  }

  node(): void {
    const there = new Set(this.#server.storage.all('nodes').map(node => node.metadata.name));
    const free = nodeNames.filter(name => !there.has(name));
    if (free.length > 0) this.#makeNode(oneOf(this.#random, free));
  }

  nodeAddress(): void {
    this.#patchNode('/status', { status: { addresses: [{ type: 'InternalIP', address: this.#address() }] } });
  }

  nodeExcluded(): void {
    const value = oneOf(this.#random, ['', 'false', null]);
    this.#patchNode('', { metadata: { labels: { 'node.kubernetes.io/exclude-from-external-load-balancers': value } } });
  }

  nodeGone(): void {
    const nodes = this.#server.storage.all('nodes');
    if (nodes.length > 1)
      this.#handle(
        { method: 'DELETE', path: `/api/v1/nodes/${oneOf(this.#random, nodes).metadata.name}` },
        'node gone',
      );
  }

  /** What the endpoint slice controller writes when pods come, go, or are not ready: for Services that are there, and for others. */
  pods(): void {
    const [namespace = '', name = ''] = oneOf(this.#random, names).split('/');
    const slice = `${name}-${between(this.#random, 1, 2)}`;
    const endpoints = [1, 2, 3]
      .filter(() => this.#random() < 0.6)
      .map(() => ({
        addresses: [`10.1.0.${between(this.#random, 1, 20)}`],
        conditions: { ready: this.#random() < 0.8 },
      }));
    const path = `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`;
    const isThere = this.#server.storage
      .all('endpointslices')
      .some(({ metadata }) => metadata.namespace === namespace && metadata.name === slice);
    if (isThere)
      return this.#handle(
        { method: 'PATCH', path: `${path}/${slice}`, body: { endpoints }, contentType: patchType.merge },
        `pods of ${namespace}/${slice}`,
      );
    const body = {
      metadata: { name: slice, labels: { 'kubernetes.io/service-name': name } },
      addressType: 'IPv4',
      ports: [{ name: 'p80', port: 8080 }],
      endpoints,
    };
    this.#handle({ method: 'POST', path, body }, `first pods of ${namespace}/${slice}`);
  }

  podsGone(): void {
    const slices = this.#server.storage.all('endpointslices');
    if (slices.length === 0) return;
    const { namespace, name } = oneOf(this.#random, slices).metadata;
    const path = `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices/${name}`;
    this.#handle({ method: 'DELETE', path }, `no pods of ${namespace}/${name}`);
  }

  #create(key: string): void {
    const [namespace = '', name = ''] = key.split('/');
    const loadBalancerClass = oneOf(this.#random, classes);
    const type = this.#random() < 0.85 ? 'LoadBalancer' : 'ClusterIP';
    const fills = this.#random() < 0.3;
    const isLocal = this.#random() < 0.2;
    const spec = {
      type,
      ports: this.#newPorts(),
      ...(type === 'LoadBalancer' && loadBalancerClass !== undefined && { loadBalancerClass }),
      ...(type === 'LoadBalancer' && fills && { allocateLoadBalancerNodePorts: false }),
      ...(type === 'LoadBalancer' && isLocal && { externalTrafficPolicy: 'Local' }),
    };
    const metadata = {
      name,
      ...(fills && this.#random() < 0.7 && { annotations: { [fillAnnotation]: 'true' } }),
      ...(this.#random() < 0.1 && { finalizers: [foreignFinalizer] }),
    };
    const path = `/api/v1/namespaces/${namespace}/services`;
    this.#handle(
      { method: 'POST', path, body: { metadata, spec } },
      `creates ${key}, class ${loadBalancerClass}, ${type}`,
    );
  }

  #newPorts(): readonly ServicePort[] {
    const wanted = [80, 443, 53].filter(() => this.#random() < 0.5);
    const ports = wanted.length === 0 ? [8080] : wanted;
    return ports.map(port => ({
      name: `p${port}`,
      port,
      protocol: port === 53 && this.#random() < 0.5 ? 'UDP' : 'TCP',
    }));
  }

  #makeNode(name: string): void {
    const addresses = [{ type: 'InternalIP', address: this.#address() }];
    this.#handle(
      { method: 'POST', path: '/api/v1/nodes', body: { metadata: { name }, spec: {}, status: { addresses } } },
      `node ${name}`,
    );
  }

  #patchNode(subresource: string, body: object): void {
    const nodes = this.#server.storage.all('nodes');
    const path = `/api/v1/nodes/${oneOf(this.#random, nodes).metadata.name}${subresource}`;
    this.#handle({ method: 'PATCH', path, body, contentType: patchType.merge }, `changes ${path}`);
  }

  #address(): string {
    return `10.0.0.${between(this.#random, 1, 250)}`;
  }

  #find(key: string): Service | undefined {
    return this.#all().find(one => `${one.metadata.namespace}/${one.metadata.name}` === key);
  }

  #all(): readonly Service[] {
    return this.#server.storage.all('services') as unknown as readonly Service[];
  }

  #any(suits: (service: Service) => boolean = () => true): Service | undefined {
    const found = this.#all().filter(suits);
    return found.length === 0 ? undefined : oneOf(this.#random, found);
  }

  #patch(service: Service, body: object, what: string): void {
    this.#do('PATCH', service, what, body, patchType.merge);
  }

  #do(
    method: KubeRequest['method'],
    { metadata }: Service,
    what: string,
    body?: object,
    contentType?: string,
    subresource = '',
  ): void {
    const path = `/api/v1/namespaces/${metadata.namespace}/services/${metadata.name}${subresource}`;
    this.#handle(
      { method, path, ...(body && { body }), ...(contentType && { contentType }) },
      `${metadata.namespace}/${metadata.name} ${what}`,
    );
  }

  #handle(request: KubeRequest, what: string): void {
    this.#log(what);
    this.#server.handle(request);
  }
}
