import { createHash } from 'node:crypto';
import { patchType, statusOf } from '../../src/kube/client.ts';
import type { KubeConnection } from '../../src/kube/connection.ts';
import type { Condition, KubeList, KubeObject, Node, Service } from '../../src/kube/objects.ts';
import { until } from './loop-until.ts';
import { isOfRepair } from './repair-events.ts';

export interface LoopEvent extends KubeObject {
  readonly type: string;
  readonly reason: string;
  readonly message: string;
  readonly count?: number;
  readonly reportingComponent?: string;
  readonly source?: { readonly component?: string };
  readonly involvedObject: { readonly kind: string; readonly name: string; readonly uid: string };
}

interface NodeOptions {
  readonly labels?: Readonly<Record<string, string>>;
  readonly metadata?: object;
  readonly spec?: object;
  readonly addresses?: readonly { readonly type: string; readonly address: string }[];
}

/** The label by which a loop finds its own nodes among those of the cluster; its value is the namespace. */
export const nodeLabel = 'loop.test/of';

/** The people of one namespace, as admin: what they do to Services and nodes, and what they see of them. */
export class LoopUsers {
  readonly namespace: string;
  readonly admin: KubeConnection;

  constructor(namespace: string, admin: KubeConnection) {
    this.namespace = namespace;
    this.admin = admin;
  }

  /** A LoadBalancer with TCP port 80 and the class of instance `a`, unless told otherwise. */
  create(name: string, spec: object = {}, metadata: object = {}): Promise<Service> {
    const body = {
      metadata: { name, ...metadata },
      spec: { type: 'LoadBalancer', loadBalancerClass: classOf('a'), ports: [{ port: 80 }], ...spec },
    };
    return this.admin.request({ method: 'POST', path: this.servicesPath(), body });
  }

  /** `web-0` and so on, some at a time; resolves to their names once all are served. */
  async createMany(count: number): Promise<readonly string[]> {
    const names = Array.from({ length: count }, (_, index) => `web-${index}`);
    for (let from = 0; from < count; from += 10)
      await Promise.all(names.slice(from, from + 10).map(name => this.create(name)));
    await this.until('all are served', async () => (await this.services()).every(one => addressOf(one) !== undefined));
    return names;
  }

  /** Creates, and waits for the address. */
  async createServed(name: string, spec: object = {}, metadata: object = {}): Promise<Service> {
    await this.create(name, spec, metadata);
    return this.served(name);
  }

  get(name: string): Promise<Service> {
    return this.admin.request({ method: 'GET', path: this.servicesPath(name) });
  }

  async find(name: string): Promise<Service | undefined> {
    return orAbsent(this.get(name));
  }

  /** A merge patch, as a user would send it. */
  patch(name: string, body: object): Promise<Service> {
    return this.admin.request({ method: 'PATCH', path: this.servicesPath(name), contentType: patchType.merge, body });
  }

  patchSpec(name: string, spec: object): Promise<Service> {
    return this.patch(name, { spec });
  }

  annotate(name: string, annotations: Readonly<Record<string, string | null>>): Promise<Service> {
    return this.patch(name, { metadata: { annotations } });
  }

  /** A write to the status subresource, as another controller would send it. */
  patchStatus(name: string, body: object): Promise<Service> {
    const path = `${this.servicesPath(name)}/status`;
    return this.admin.request({ method: 'PATCH', path, contentType: patchType.merge, body });
  }

  /** `kubectl replace` of a manifest that says nothing of what the API server has filled in. */
  async replace(name: string, spec: object): Promise<Service> {
    const { metadata } = await this.get(name);
    return this.admin.request({ method: 'PUT', path: this.servicesPath(name), body: { metadata, spec } });
  }

  async delete(name: string): Promise<void> {
    await this.admin.request({ method: 'DELETE', path: this.servicesPath(name) });
  }

  async services(): Promise<readonly Service[]> {
    return (await this.admin.request<KubeList<Service>>({ method: 'GET', path: this.servicesPath() })).items;
  }

  /** Waits until the Service has an address. */
  served(name: string): Promise<Service> {
    return this.when(name, service => addressOf(service) !== undefined, 'has an address');
  }

  async when(name: string, holds: (service: Service) => boolean, what = String(holds)): Promise<Service> {
    let last: Service | undefined;
    await this.until(
      `${name}: ${what}`,
      async () => holds((last = await this.get(name))),
      () => JSON.stringify(last),
    );
    if (last === undefined) throw new Error(`${name} was never read`);
    return last;
  }

  async gone(name: string): Promise<void> {
    await this.until(`${name} is gone`, async () => (await this.find(name)) === undefined);
  }

  /** `Normal EnsuredLoadBalancer`, sorted, since they are written side by side. All are there once the loop has stopped. */
  async events(name: string): Promise<readonly string[]> {
    return (await this.eventsOf(name)).map(({ type, reason }) => `${type} ${reason}`).toSorted();
  }

  async eventsOf(name: string): Promise<readonly LoopEvent[]> {
    return (await this.allEvents()).filter(event => event.involvedObject.name === name);
  }

  /** Of the namespace, but for what the API server says of its own repairs. */
  async allEvents(): Promise<readonly LoopEvent[]> {
    const path = `/api/v1/namespaces/${this.namespace}/events`;
    const { items } = await this.admin.request<KubeList<LoopEvent>>({ method: 'GET', path });
    return items.filter(event => !isOfRepair(event));
  }

  /** Waits for the Event. */
  async told(name: string, reason: string): Promise<LoopEvent> {
    let event: LoopEvent | undefined;
    await this.until(`${name} has an Event ${reason}`, async () => {
      event = (await this.eventsOf(name)).find(one => one.reason === reason);
      return event !== undefined;
    });
    if (event === undefined) throw new Error('no Event');
    return event;
  }

  /** `more` may hold `labels`, `annotations`, `spec`, `addresses`. Only this loop's selector finds the node. */
  async createNode(name: string, more: NodeOptions = {}): Promise<Node> {
    const { labels, metadata, spec, addresses = [{ type: 'InternalIP', address: addressFor(name) }] } = more;
    return this.admin.request({
      method: 'POST',
      path: '/api/v1/nodes',
      body: {
        metadata: { name: this.nodeName(name), labels: { [nodeLabel]: this.namespace, ...labels }, ...metadata },
        spec,
        status: { addresses },
      },
    });
  }

  /** Writes the one slice of a Service, over what was there; `undefined` takes it away. */
  async setEndpoints(name: string, addresses: readonly string[] | undefined): Promise<void> {
    const path = `${this.slicesPath()}/${name}-1`;
    if (addresses === undefined) return void (await this.admin.request({ method: 'DELETE', path }));
    const body = {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name: `${name}-1`, labels: { 'kubernetes.io/service-name': name } },
      addressType: 'IPv4',
      ports: [{ port: 8080 }],
      endpoints: addresses.map(address => ({ addresses: [address], conditions: { ready: true } })),
    };
    await this.admin.request({ method: 'PUT', path, body }).catch((error: unknown) => {
      if (statusOf(error) !== 404) throw error;
      return this.admin.request({ method: 'POST', path: this.slicesPath(), body });
    });
  }

  patchNode(name: string, body: object, subresource = ''): Promise<Node> {
    const path = `/api/v1/nodes/${this.nodeName(name)}${subresource}`;
    return this.admin.request({ method: 'PATCH', path, contentType: patchType.merge, body });
  }

  async findNode(name: string): Promise<Node | undefined> {
    return orAbsent(this.admin.request<Node>({ method: 'GET', path: `/api/v1/nodes/${this.nodeName(name)}` }));
  }

  async deleteNode(name: string): Promise<void> {
    await this.admin.request({ method: 'DELETE', path: `/api/v1/nodes/${this.nodeName(name)}` });
  }

  /** In the cluster: nodes have no namespace. */
  nodeName(name: string): string {
    return `${this.namespace}-${name}`;
  }
  /** With the loop’s last log lines where it never comes true. */
  until(what: string, holds: () => boolean | Promise<boolean>, detail = (): string => ''): Promise<void> {
    return until(what, holds, () => `${detail()}\n${this.lastLines()}`);
  }

  slicesPath(): string {
    return `/apis/discovery.k8s.io/v1/namespaces/${this.namespace}/endpointslices`;
  }

  servicesPath(name?: string): string {
    return `/api/v1/namespaces/${this.namespace}/services${name === undefined ? '' : `/${name}`}`;
  }

  /** For failures. */
  protected lastLines(): string {
    return '';
  }
}

export function classOf(instance: string): string {
  return `loop.test/${instance}`;
}

async function orAbsent<T>(read: Promise<T>): Promise<T | undefined> {
  try {
    return await read;
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw error;
  }
}

/** One address for each name: the same name has the same one. */
function addressFor(name: string): string {
  const [third, fourth] = createHash('sha256').update(name).digest();
  return `10.0.${third}.${fourth}`;
}

export function addressOf({ status }: Service): string | undefined {
  const [entry] = status?.loadBalancer?.ingress ?? [];
  return entry?.ip ?? entry?.hostname;
}

export function conditionOf({ status }: Service, type: string): Condition | undefined {
  return status?.conditions?.find(condition => condition.type === type);
}

/** `True Serving`; undefined where there is none. */
export function stateOf(service: Service, type: string): string | undefined {
  const condition = conditionOf(service, type);
  return condition && `${condition.status} ${condition.reason}`;
}
