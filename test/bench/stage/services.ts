import type { KubeList, Service } from '../../../src/kube/objects.ts';
import { eachAtOnce } from '../deadline.ts';
import type { Api } from './api.ts';

export const servicesPath = '/api/v1/namespaces/default/services';
const eventsPath = '/api/v1/namespaces/default/events';
const leasePath = '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/fairlead';
/** How many requests the bench keeps under way when it makes or removes objects. */
const atOnce = 16;

let used = 0;

/** Names that no Service of this run has had. */
export function newNames(count: number): readonly string[] {
  return Array.from({ length: count }, () => `web-${String(++used).padStart(6, '0')}`);
}

/** When each create was sent and answered, by `performance.now()`. */
export type Created = ReadonlyMap<string, { readonly sentAt: number; readonly answeredAt: number }>;

/** Services without node ports, of which a cluster has 2,768 only. */
export async function createServices(api: Api, names: readonly string[]): Promise<Created> {
  const created = new Map<string, { sentAt: number; answeredAt: number }>();
  await eachAtOnce(names, atOnce, async name => {
    const sentAt = performance.now();
    await api.request('POST', servicesPath, bodyOf(name));
    created.set(name, { sentAt, answeredAt: performance.now() });
  });
  return created;
}

export async function deleteServices(api: Api, names: readonly string[]): Promise<void> {
  await eachAtOnce(names, atOnce, async name => {
    await api.request('DELETE', `${servicesPath}/${name}`);
  });
}

/** Back to what a fresh cluster has: no Service, no Event, no Lease. Nothing else may be running. */
export async function clear(api: Api): Promise<void> {
  const list = await api.request<KubeList<Service>>('GET', servicesPath);
  const ours = (list?.items ?? []).filter(({ spec }) => spec.type === 'LoadBalancer');
  await eachAtOnce(ours, atOnce, async ({ metadata: { name, finalizers } }) => {
    const path = `${servicesPath}/${name}`;
    if (finalizers !== undefined) await api.request('PATCH', path, { metadata: { finalizers: null } }, [404]);
    await api.request('DELETE', path, undefined, [404]);
  });
  await api.request('DELETE', eventsPath);
  await freeLease(api);
}

export async function freeLease(api: Api): Promise<void> {
  await api.request('DELETE', leasePath, undefined, [404]);
}

/** How many Events there are, of anybody. */
export async function countEvents(api: Api): Promise<number> {
  const list = await api.request<{ metadata: { remainingItemCount?: number }; items: readonly unknown[] }>(
    'GET',
    `${eventsPath}?limit=1`,
  );
  return (list?.items.length ?? 0) + (list?.metadata.remainingItemCount ?? 0);
}

/** How many Events fairlead has written of each reason, repeats included; the API server writes some of its own. */
export async function ourEvents(api: Api): Promise<ReadonlyMap<string, number>> {
  const path = `${eventsPath}?fieldSelector=source%3Dservice-controller`;
  const list = await api.request<{ items: readonly { readonly reason: string; readonly count?: number }[] }>(
    'GET',
    path,
  );
  const written = new Map<string, number>();
  for (const { reason, count = 1 } of list?.items ?? []) written.set(reason, (written.get(reason) ?? 0) + count);
  return written;
}

function bodyOf(name: string): object {
  return {
    metadata: { name, labels: { app: name } },
    spec: {
      type: 'LoadBalancer',
      allocateLoadBalancerNodePorts: false,
      selector: { app: name },
      ports: [
        { name: 'http', port: 80, targetPort: 8080 },
        { name: 'https', port: 443, targetPort: 8443 },
      ],
    },
  };
}
