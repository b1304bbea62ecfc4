import type { Served, TestWorld } from '../../src/provider/conformance.ts';
import type { LoadBalancer, Protocol, Provider, ProviderContext } from '../../src/provider/provider.ts';
import { createWorldProvider, type Send } from './world-provider.ts';
import { type Part, World } from './world-state.ts';

/** The kit's view of a world: every hook there is. */
export function harnessFor(world: World, createProvider: (context: ProviderContext) => Provider): Required<TestWorld> {
  const untilCleared = (kind: 'hang' | 'unready') => async () => {
    world.addFault({ kind, count: Number.POSITIVE_INFINITY });
    return async () => world.clearFaults();
  };
  return {
    createProvider,
    inventory: async () => world.parts().map(part => JSON.stringify(part)),
    served: async id =>
      world
        .parts()
        .filter(part => part.balancer === id)
        .flatMap(servedBy),
    mutations: async () => world.journal.length,
    async failMutation(n, when) {
      world.clearFaults();
      if (n > 0) world.addFault({ kind: when, skip: n - 1 });
    },
    hang: untilCleared('hang'),
    holdBack: untilCleared('unready'),
    async addForeign() {
      const mark = { cluster: 'somebody-else', namespace: 'default', name: 'web', uid: '1' };
      for (const name of ['address', 'rule-TCP-80']) {
        world.put({ balancer: 'fl-made-by-hand', name });
        world.put({ balancer: 'fl-of-another', name, mark });
      }
    },
    async close() {},
  };
}

/** A world in this process, and a provider on it: for the many runs of broken providers. */
export function openWorld(
  breakIt: (provider: Provider, world: World, context: ProviderContext) => Provider = provider => provider,
): Required<TestWorld> {
  const world = new World(() => performance.now());
  return harnessFor(world, context => breakIt(createWorldProvider(context, sendWithin(world)), world, context));
}

/** Samples that the world's provider sends to pods. */
export function toPods(sample: LoadBalancer): LoadBalancer {
  return { ...sample, annotations: { ...sample.annotations, 'world.example/targets': 'pods' } };
}

/** As an HTTP client behaves: an aborted request gets no answer, though the world may still carry it out. */
export function sendWithin(world: World): Send {
  return (request, signal) => {
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<Awaited<ReturnType<Send>>>();
    const onAbort = (): void => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    world
      .answer(structuredClone(request))
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', onAbort));
    return promise;
  };
}

function servedBy({ spec }: Part): readonly Served[] {
  return spec === undefined ? [] : [{ ...spec, protocol: spec.protocol as Protocol }];
}
