import { diffByKey } from '../../../src/provider/diff.ts';
import type { Call, Ensured, LoadBalancer, LoadBalancerRef, Provider } from '../../../src/provider/provider.ts';
import { type CloudNetwork, cloudRequest } from './cloud-access.ts';
import type { CloudStep } from './cloud-faults.ts';
import type { Process } from './process.ts';
import type { Part, World } from './world.ts';

const pending = { state: 'pending', reason: 'the cloud is still at it', retryAfterMs: 1_500 } as const;

/** A careful adapter for `World`: it looks, compares, and changes what differs, one request at a time. */
export function cloudProvider(world: World, network: CloudNetwork, process: Process): Provider {
  const ask = <Answer>(step: CloudStep, call: Call, read: () => Answer): Promise<Answer> =>
    cloudRequest(network, process, call, step, false, read);
  const put = (step: CloudStep, call: Call, part: Part): Promise<void> =>
    cloudRequest(network, process, call, step, true, () => world.put(part, by(call, process, network)));
  const remove = (step: CloudStep, call: Call, part: Part): Promise<void> =>
    cloudRequest(network, process, call, step, true, () => world.remove(part, by(call, process, network)));

  return {
    contractVersion: 1,
    capabilities: {
      protocols: ['TCP', 'UDP'],
      mixedProtocols: true,
      ipFamilies: ['IPv4'],
      dualStack: false,
      sourceRanges: true,
      sessionAffinity: true,
      keepsOutside: true,
      annotationPrefixes: [],
      labelPrefixes: [],
    },
    needs: loadBalancer => ({ nodePorts: true, endpoints: sendsToPods(loadBalancer) }),

    async ensureLoadBalancer(loadBalancer, call): Promise<Ensured> {
      const ref = refOf(loadBalancer);
      const found = await ask('ensure', call, () => world.partsOf(ref.id));
      let address = found.find(part => part.kind === 'address');
      if (address === undefined) {
        address = world.newAddress(ref);
        await put('ensure', call, address);
      }
      if (network.isPending('ensure')) return { ...pending, ingress: [] };
      const {
        create,
        update,
        remove: stale,
      } = diffByKey(
        desiredParts(loadBalancer, ref),
        found.filter(part => part.kind !== 'address'),
        {
          desiredKey: part => part.key,
          observedKey: part => part.key,
          same: (desired, observed) => desired.value === observed.value,
        },
      );
      for (const part of [...create, ...update.map(one => one.desired)]) await put('ensure', call, part);
      for (const part of stale) await remove('ensure', call, part);
      return {
        state: 'ready',
        ingress: [{ ip: address.value }],
        backends: { registered: loadBalancer.backends.length },
      };
    },

    async ensureLoadBalancerDeleted(ref, call) {
      const found = await ask('delete', call, () => world.partsOf(ref.id));
      const isPending = network.isPending('delete');
      for (const part of found.toReversed()) {
        if (isPending && part.kind === 'address') return pending;
        await remove('delete', call, part);
      }
      return { state: 'deleted' };
    },

    async listLoadBalancers(call) {
      const parts = await ask('sweep', call, () => world.parts());
      return [...new Map(parts.map(part => [part.ref.id, part.ref])).values()];
    },
  };
}

function by(
  call: Call,
  process: Process,
  network: CloudNetwork,
): { at: number; process: string; epoch: string; sequence: number } {
  return { at: network.clock.monotonic(), process: process.name, epoch: call.epoch, sequence: call.sequence };
}

/** Of Services for whom it matters where the pods are it wants to know it. */
export function sendsToPods({ externalTrafficPolicy }: Pick<LoadBalancer, 'externalTrafficPolicy'>): boolean {
  return externalTrafficPolicy === 'Local';
}

export function desiredParts(
  { listeners, backends, endpoints }: Pick<LoadBalancer, 'listeners' | 'backends' | 'endpoints'>,
  ref: LoadBalancerRef,
): readonly Part[] {
  const forwarding = listeners.map(
    ({ protocol, port, nodePort }): Part => ({
      key: `${ref.id}/${protocol}/${port}`,
      kind: 'listener',
      ref,
      value: String(nodePort),
    }),
  );
  const nodes = backends
    .map(({ node, addresses }) => `${node}=${addresses.map(one => one.address).join('+')}`)
    .join(',');
  const pods = endpoints?.map(({ address, port, ready }) => `${address}:${port}${ready ? '' : ' not ready'}`).join(',');
  return [...forwarding, { key: `${ref.id}/targets`, kind: 'targets', ref, value: pods ?? nodes }];
}

function refOf({ id, cluster, service: { namespace, name, uid } }: LoadBalancer): LoadBalancerRef {
  return { id, cluster, service: { namespace, name, uid } };
}
