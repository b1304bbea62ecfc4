// The least that can give every Service an address: one list, one watch, one status PATCH a Service (with --finalizer a PATCH for the
// finalizer before it), 16 at a time, over the same connections as fairlead's. What fairlead is measured against.
// Usage: bare-loop <kubeconfig> [--finalizer]. Ends on SIGTERM.
import { enableCompileCache } from 'node:module';
import type { KubeConnection } from '../../src/kube/connection.ts';
import type { KubeList, Service } from '../../src/kube/objects.ts';

const atOnce = 16;
const strategicMerge = 'application/strategic-merge-patch+json';

class BareLoop {
  readonly #connection: KubeConnection;
  readonly #finalizer: boolean;
  readonly #waiting: Service[] = [];
  #running = 0;
  #given = 0;

  constructor(connection: KubeConnection, finalizer: boolean) {
    this.#connection = connection;
    this.#finalizer = finalizer;
  }

  async run(signal: AbortSignal): Promise<void> {
    const path = '/api/v1/services';
    const { items, metadata } = await this.#connection.request<KubeList<Service>>({ method: 'GET', path });
    for (const service of items) this.#add(service);
    const query = { watch: '1', resourceVersion: metadata.resourceVersion };
    for await (const event of this.#connection.watch<Service>({ path, query, signal, idleDeadlineMs: 3_600_000 })) {
      if (event.type === 'ADDED') this.#add(event.object);
    }
  }

  #add(service: Service): void {
    if (service.spec.type !== 'LoadBalancer' || service.status?.loadBalancer?.ingress !== undefined) return;
    this.#waiting.push(service);
    this.#next();
  }

  #next(): void {
    if (this.#running === atOnce) return;
    const service = this.#waiting.shift();
    if (service === undefined) return;
    this.#running++;
    void this.#serve(service).finally(() => {
      this.#running--;
      this.#next();
    });
  }

  async #serve({ metadata: { namespace, name } }: Service): Promise<void> {
    const path = `/api/v1/namespaces/${namespace}/services/${name}/status`;
    const given = ++this.#given;
    const ingress = [{ ip: `10.${64 + (given >> 16)}.${(given >> 8) & 255}.${given & 255}`, ipMode: 'VIP' }];
    if (this.#finalizer) await this.#patch(path, { metadata: { finalizers: ['example.com/bare-loop'] } });
    await this.#patch(path, { status: { loadBalancer: { ingress } } });
  }

  async #patch(path: string, body: object): Promise<void> {
    await this.#connection.request({ method: 'PATCH', path, body, contentType: strategicMerge });
  }
}

enableCompileCache();
const [{ connect }, { systemClock: clock }] = await Promise.all([
  import('../../src/kube/connection.ts'),
  import('../../src/kube/clock.ts'),
]);
const [kubeconfig = '', flag] = process.argv.slice(2);
const connection = await connect({ kubeconfig, userAgent: 'bare-loop', clock });
const stop = new AbortController();
process.once('SIGTERM', () => stop.abort());
try {
  await new BareLoop(connection, flag === '--finalizer').run(stop.signal);
} catch (error) {
  if (!stop.signal.aborted) throw error;
}
await connection.close();
