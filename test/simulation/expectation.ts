import type { EndpointSlice, Service } from '../../src/kube/objects.ts';
import { serviceNameLabel } from '../../src/kube/trim.ts';
import { eligibleBackends } from '../../src/plan/backends.ts';
import { endpointsFrom, packSlice } from '../../src/plan/endpoints.ts';
import { everything } from '../../src/plan/label-selector.ts';
import { idOf } from '../../src/plan/load-balancer.ts';
import type { Endpoint } from '../../src/provider/provider.ts';
import type { ApiServer } from '../support/sim/api-server.ts';
import { desiredParts, sendsToPods } from '../support/sim/cloud-provider.ts';
import { clusterId } from '../support/sim/incarnation.ts';
import { fillAnnotation, foreignClass, foreignFinalizer } from '../support/sim/users.ts';
import type { World } from '../support/sim/world.ts';

export const cloudFinalizer = 'fairlead.dev/cloud';
const localMark = 'fairlead.dev/local';

/** Who has to serve a Service when all is quiet; `unknown`: a user has torn off our marks, so nothing can be asked for. */
type Owner = 'cloud' | 'local' | 'nobody' | 'unknown';

export interface Everything {
  readonly server: ApiServer;
  readonly world: World;
  readonly stripped: ReadonlySet<string>;
}

/** What is not yet as it should be once all faults have ended: one line each, none when the controller has converged. */
export function unsettled(all: Everything): readonly string[] {
  const services = all.server.storage.all('services') as unknown as readonly Service[];
  return [...services.flatMap(service => unsettledService(service, all)), ...leftovers(services, all)];
}

function unsettledService(service: Service, all: Everything): readonly string[] {
  const name = `${service.metadata.namespace}/${service.metadata.name}`;
  const owner = ownerOf(service, all.stripped);
  const problems = owner === 'unknown' ? [] : owner === 'nobody' ? unmarked(service) : served(service, owner, all);
  return problems.map(problem => `${name} (${owner}): ${problem}`);
}

function ownerOf({ metadata, spec }: Service, stripped: ReadonlySet<string>): Owner {
  if (stripped.has(metadata.uid)) return 'unknown';
  if (
    metadata.deletionTimestamp !== undefined ||
    spec.type !== 'LoadBalancer' ||
    spec.loadBalancerClass === foreignClass
  )
    return 'nobody';
  if (spec.loadBalancerClass === 'example.com/local') return 'local';
  const finalizers = metadata.finalizers ?? [];
  const isLeftAlone =
    spec.loadBalancerClass === undefined &&
    finalizers.includes(foreignFinalizer) &&
    !finalizers.includes(cloudFinalizer);
  return isLeftAlone ? 'nobody' : 'cloud';
}

function unmarked({ metadata, spec, status }: Service): readonly string[] {
  const problems: string[] = [];
  if (metadata.finalizers?.includes(cloudFinalizer) === true) problems.push('our finalizer is still there');
  if (spec.loadBalancerClass !== foreignClass && (status?.loadBalancer?.ingress ?? []).length > 0)
    problems.push('an address is still published');
  const conditions = (status?.conditions ?? []).map(one => one.type).filter(type => !type.startsWith('example.com/'));
  return conditions.length === 0 ? problems : [...problems, `conditions ${conditions.join()} are still there`];
}

function served(service: Service, owner: 'cloud' | 'local', { server, world }: Everything): readonly string[] {
  const { metadata, spec, status } = service;
  const parts = world.partsOf(idOf(metadata.uid));
  const published = (status?.loadBalancer?.ingress ?? []).map(entry => entry.ip ?? '');
  const missing = (spec.ports ?? []).some(port => (port.nodePort ?? 0) === 0);
  if (owner === 'cloud' && missing && metadata.annotations?.[fillAnnotation] !== 'true')
    return told(service, 'NodePortsNotAllocated');
  const problems: string[] = [];
  if (owner === 'cloud') {
    if (metadata.finalizers?.includes(cloudFinalizer) !== true) problems.push('our finalizer is missing');
    if (missing) problems.push('node ports are missing');
    const addresses = parts.filter(part => part.kind === 'address').map(part => part.value);
    if (addresses.length !== 1 || addresses.join() !== published.join())
      problems.push(`published ${published.join()}, outside are ${addresses.join()}`);
    problems.push(...differences(service, server, world));
  } else {
    if (metadata.finalizers?.includes(cloudFinalizer) === true) problems.push('the finalizer of cloud is still there');
    if (published.length !== 1 || published[0]?.startsWith('198.51.100.') !== true)
      problems.push(`published ${published.join()}`);
    if (conditionOf(service, localMark) !== 'True') problems.push('the mark of its owner is missing');
  }
  if (conditionOf(service, 'LoadBalancerServing') !== 'True') problems.push('not told as serving');
  if (conditionOf(service, 'LoadBalancerProvisioning') === 'True') problems.push('told as provisioning');
  if (conditionOf(service, 'LoadBalancerDegraded') !== undefined) problems.push('told as degraded');
  return problems;
}

function differences(service: Service, server: ApiServer, world: World): readonly string[] {
  const { namespace = '', name, uid } = service.metadata;
  const ref = { id: idOf(uid), cluster: clusterId, service: { namespace, name, uid } };
  const listeners = (service.spec.ports ?? []).map(
    ({ name: port = '', protocol = 'TCP', port: number, nodePort = 0 }) => ({
      name: port,
      protocol,
      port: number,
      nodePort,
    }),
  );
  const backends = eligibleBackends(server.storage.all('nodes'), everything);
  const { externalTrafficPolicy = 'Cluster' } = service.spec;
  const endpoints = sendsToPods({ externalTrafficPolicy }) ? endpointsOf(service, server) : undefined;
  const wanted = desiredParts({ listeners, backends, ...(endpoints && { endpoints }) }, ref).map(
    part => `${part.key}=${part.value}`,
  );
  const found = world
    .partsOf(ref.id)
    .filter(part => part.kind !== 'address')
    .map(part => `${part.key}=${part.value}`);
  const wrong = [...wanted.filter(one => !found.includes(one)), ...found.filter(one => !wanted.includes(one))];
  return wrong.map(one => `outside differs in ${one}`);
}

function endpointsOf({ metadata }: Service, server: ApiServer): readonly Endpoint[] {
  const slices = server.storage.all('endpointslices') as unknown as readonly EndpointSlice[];
  const own = slices.filter(
    slice =>
      slice.metadata.namespace === metadata.namespace && slice.metadata.labels?.[serviceNameLabel] === metadata.name,
  );
  return endpointsFrom(own.map(packSlice));
}

function told(service: Service, reason: string): readonly string[] {
  const published = (service.status?.loadBalancer?.ingress ?? []).length > 0;
  const type = published ? 'LoadBalancerDegraded' : 'LoadBalancerServing';
  const condition = service.status?.conditions?.find(one => one.type === type);
  const isTold = condition?.status === (published ? 'True' : 'False') && condition.reason === reason;
  return isTold ? [] : [`is not told that ${reason}`];
}

function conditionOf(service: Service, type: string): string | undefined {
  return service.status?.conditions?.find(one => one.type === type)?.status;
}

/** Things outside that belong to nobody, and addresses that two Services share. */
function leftovers(services: readonly Service[], { world, stripped }: Everything): readonly string[] {
  const owned = new Set(
    services.filter(one => one.metadata.finalizers?.includes(cloudFinalizer) === true).map(one => one.metadata.uid),
  );
  const orphans = world
    .parts()
    .filter(({ ref }) => ref.cluster === clusterId && !owned.has(ref.service.uid) && !stripped.has(ref.service.uid));
  return orphans.map(part => `orphan ${part.key} of ${part.ref.service.namespace}/${part.ref.service.name}`);
}
