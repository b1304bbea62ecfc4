import type { KubeClient, KubeRequest, WatchRequest } from '../../src/kube/client.ts';
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

  constructor(clock: Clock) {
    this.server = new ApiServer({ clock, random: seededRandom(1) });
  }

  /** The next requests go through these, each through one. */
  next(...script: readonly Script[]): void {
    this.#script.push(...script);
  }

  get writes(): readonly KubeRequest[] {
    return this.requests.filter(request => request.method !== 'GET');
  }

  async request<Answer>(request: KubeRequest): Promise<Answer> {
    await undefined;
    request.guard?.();
    this.requests.push(request);
    const execute = (): unknown => this.server.handle(request);
    const bend = this.#script.shift();
    return (await (bend === undefined ? execute() : bend(request, execute))) as Answer;
  }

  watch<Kind>(_request: WatchRequest): AsyncIterable<Kind & never> {
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

  put(service: Service): Service {
    return this.server.handle({ method: 'PUT', path: pathOf(service.metadata.name), body: service }) as Service;
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
