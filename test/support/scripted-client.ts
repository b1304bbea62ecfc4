import type { KubeClient, KubeRequest } from '../../src/kube/client.ts';
import type { Clock } from '../../src/kube/clock.ts';
import type { Service, ServiceSpec } from '../../src/kube/objects.ts';
import { ApiServer } from './sim/api-server.ts';
import { seededRandom } from './sim/random.ts';

/** What becomes of one request: `execute` does at the server what was asked for, and answers or throws as it does. */
export type Script = (request: KubeRequest, execute: () => unknown) => unknown;

/** The in-process API server as a client reaches it, with answers that a test can bend one by one. */
export class ScriptedClient implements KubeClient {
  readonly server: ApiServer;
  /** Those that went onto the wire. */
  readonly requests: KubeRequest[] = [];
  readonly #script: Script[] = [];

  constructor(
    clock: Clock,
    nodePorts: { readonly first: number; readonly last: number } = { first: 30_000, last: 32_767 },
  ) {
    this.server = new ApiServer({ clock, random: seededRandom(1), nodePorts });
  }

  /** The next requests go through these, each through one. */
  next(...script: readonly Script[]): void {
    this.#script.push(...script);
  }

  get writes(): readonly KubeRequest[] {
    return this.requests.filter(request => request.method !== 'GET');
  }

  async request<Answer>(request: KubeRequest): Promise<Answer> {
    await Promise.resolve();
    request.guard?.();
    this.requests.push(request);
    const execute = (): unknown => this.server.handle(request);
    const bend = this.#script.shift();
    return (await (bend === undefined ? execute() : bend(request, execute))) as Answer;
  }

  watch(): never {
    throw new Error('nothing here watches');
  }

  /** As a user does it. */
  create(name: string, spec: ServiceSpec = {}, more: Partial<Service['metadata']> = {}): Service {
    const body = { metadata: { name, ...more }, spec: { type: 'LoadBalancer', ports: [{ port: 80 }], ...spec } };
    return this.server.handle({ method: 'POST', path: '/api/v1/namespaces/default/services', body }) as Service;
  }

  get(name: string): Service {
    return this.server.handle({ method: 'GET', path: pathOf(name) }) as Service;
  }

  /** Fails with 409 where the object has changed since; `anyVersion`: never. */
  put(service: Service, version?: 'anyVersion'): Service {
    const { resourceVersion, ...metadata } = service.metadata;
    const body = { ...service, metadata: version === undefined ? service.metadata : metadata };
    return this.server.handle({ method: 'PUT', path: pathOf(service.metadata.name), body }) as Service;
  }

  /** Writes through the status subresource, as another controller does. */
  putStatus(service: Service): Service {
    return this.server.handle({
      method: 'PUT',
      path: `${pathOf(service.metadata.name)}/status`,
      body: service,
    }) as Service;
  }

  delete(name: string): void {
    this.server.handle({ method: 'DELETE', path: pathOf(name) });
  }
}

function pathOf(name: string): string {
  return `/api/v1/namespaces/default/services/${name}`;
}
