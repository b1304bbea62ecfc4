import type { TestWorld } from '../../src/provider/conformance.ts';
import type {
  Call,
  Deleted,
  Ensured,
  LoadBalancer,
  LoadBalancerRef,
  Provider,
  ProviderContext,
} from '../../src/provider/provider.ts';
import { openInMemory } from '../support/in-memory-harness.ts';
import { openWorld } from '../support/world-harness.ts';
import type { World } from '../support/world-state.ts';

/** A provider that breaks one promise, and the name of the check that must notice. */
export interface BrokenProvider {
  readonly breaks: string;
  readonly how: string;
  readonly open: () => TestWorld;
}

type Break = (good: Provider, world: World, context: ProviderContext) => Partial<Provider>;
type Ensure = (loadBalancer: LoadBalancer, call: Call) => Promise<Ensured>;

const over = (change: Break) => (): TestWorld =>
  openWorld((good, world, context) => ({ ...good, ...change(good, world, context) }));

const overInMemory = (change: (good: Provider) => Partial<Provider>) => (): TestWorld => {
  const world = openInMemory({});
  const createProvider = (context: ProviderContext): Provider => {
    const good = world.createProvider(context);
    return { ...good, ...change(good) };
  };
  return { ...world, createProvider };
};

const ensuring = (change: (good: Ensure, world: World) => Ensure) =>
  over((good, world) => ({
    ensureLoadBalancer: change((loadBalancer, call) => good.ensureLoadBalancer(loadBalancer, call), world),
  }));

const answering = (change: Partial<Ensured>) =>
  ensuring(ensure => async (loadBalancer, call) => ({ ...(await ensure(loadBalancer, call)), ...change }) as Ensured);

const never = new AbortController().signal;
const deleted: Deleted = { state: 'deleted' };
const partsOf = (world: World, { id }: { readonly id: string }) => world.parts().filter(part => part.balancer === id);
const put = (world: World, balancer: string, name: string) =>
  world.answer({ method: 'PUT', path: `/parts/${balancer}/${name}`, body: partsOf(world, { id: balancer })[0] ?? {} });
const remove = (world: World, balancer: string, name: string) =>
  world.answer({ method: 'DELETE', path: `/parts/${balancer}/${name}` });
const declaring = (capabilities: Partial<Provider['capabilities']>) => (good: Provider) => ({
  capabilities: { ...good.capabilities, ...capabilities },
});

/** Sends for ever what it was first asked for. */
const neverUpdating = (field: 'listeners' | 'backends' | 'endpoints' | 'sourceRanges') =>
  ensuring(ensure => {
    const first = new Map<string, unknown>();
    return (loadBalancer, call) => {
      if (!first.has(loadBalancer.id)) first.set(loadBalancer.id, loadBalancer[field]);
      return ensure({ ...loadBalancer, [field]: first.get(loadBalancer.id) }, call);
    };
  });

/** Names things by something else than the id. */
const naming = (nameOf: (ref: LoadBalancerRef) => string) =>
  over(good => ({
    ensureLoadBalancer: (loadBalancer, call) =>
      good.ensureLoadBalancer({ ...loadBalancer, id: nameOf(loadBalancer) }, call),
    ensureLoadBalancerDeleted: (ref, call) => good.ensureLoadBalancerDeleted({ ...ref, id: nameOf(ref) }, call),
  }));

/** Deletes only what it remembers having made. */
const deletingFromMemory = over(good => {
  const made = new Set<string>();
  return {
    ensureLoadBalancer: (loadBalancer, call) =>
      good.ensureLoadBalancer((made.add(loadBalancer.id), loadBalancer), call),
    ensureLoadBalancerDeleted: async (ref, call) =>
      made.has(ref.id) ? good.ensureLoadBalancerDeleted(ref, call) : deleted,
  };
});

function askingOnce(call: Call): Call {
  let hasAsked = false;
  return {
    ...call,
    assertLeading() {
      if (!hasAsked) call.assertLeading();
      hasAsked = true;
    },
  };
}

export const brokenProviders: readonly BrokenProvider[] = [
  {
    breaks: 'an equal ensure gives an equal answer',
    how: 'a new address at every call',
    open: over(good => {
      let calls = 0;
      return {
        ensureLoadBalancer: async (...args) => ({
          ...(await good.ensureLoadBalancer(...args)),
          ingress: [{ ip: `10.0.0.${++calls}` }],
        }),
      };
    }),
  },
  {
    breaks: 'an equal ensure makes and removes nothing',
    how: 'one more object at every call',
    open: ensuring((ensure, world) => async (loadBalancer, call) => {
      const answer = await ensure(loadBalancer, call);
      await put(world, loadBalancer.id, `log-${world.journal.length}`);
      return answer;
    }),
  },
  {
    breaks: 'an equal ensure sends no request that changes something',
    how: 'writes without comparing',
    open: ensuring((ensure, world) => async (loadBalancer, call) => {
      await put(world, loadBalancer.id, 'address');
      return ensure(loadBalancer, call);
    }),
  },
  {
    breaks: 'a published address outlives a restart',
    how: 'forgets, and does not look at what is published',
    open: overInMemory(good => ({
      restore: async () => {},
      ensureLoadBalancer: (loadBalancer, call) => good.ensureLoadBalancer({ ...loadBalancer, ingress: [] }, call),
    })),
  },
  {
    breaks: 'an address that was never published outlives a crash',
    how: 'finds its things by a name that only this process knows',
    open: () => {
      let process = 0;
      return openWorld(good => {
        const suffix = `-${++process}`;
        return {
          ...good,
          ensureLoadBalancer: (loadBalancer, call) =>
            good.ensureLoadBalancer({ ...loadBalancer, id: loadBalancer.id + suffix }, call),
        };
      });
    },
  },
  {
    breaks: 'a restart changes nothing outside',
    how: 'writes everything anew at its start',
    open: over((_good, world) => ({
      restore: async held => {
        for (const { id } of held) await put(world, id, 'address');
      },
    })),
  },
  {
    breaks: 'after a restart a published address is given to nobody else',
    how: 'does not heed restore',
    open: overInMemory(() => ({ restore: async () => {} })),
  },
  {
    breaks: 'restore replaces what was remembered',
    how: 'only adds to what it remembers',
    open: overInMemory(good => ({
      async restore(held, call) {
        for (const loadBalancer of held) await good.ensureLoadBalancer(loadBalancer, call);
      },
    })),
  },
  {
    breaks: 'a new balancer serves what was asked for',
    how: 'leaves the first node out',
    open: ensuring(
      ensure => (loadBalancer, call) => ensure({ ...loadBalancer, backends: loadBalancer.backends.slice(1) }, call),
    ),
  },
  { breaks: 'changed listeners are carried out', how: 'never updates them', open: neverUpdating('listeners') },
  { breaks: 'changed backends are carried out', how: 'never updates them', open: neverUpdating('backends') },
  { breaks: 'changed endpoints are carried out', how: 'never updates them', open: neverUpdating('endpoints') },
  { breaks: 'changed source ranges are carried out', how: 'never updates them', open: neverUpdating('sourceRanges') },
  {
    breaks: 'no backend is no error: the balancer is made all the same',
    how: 'takes no nodes for a mistake',
    open: ensuring(ensure => async (loadBalancer, call) => {
      if (loadBalancer.backends.length === 0) throw new Error('no nodes');
      return ensure(loadBalancer, call);
    }),
  },
  {
    breaks: 'no change of the Service moves its address',
    how: 'replaces the balancer to change it',
    open: over(good => ({
      async ensureLoadBalancer(loadBalancer, call) {
        if (loadBalancer.listeners.length > 1) await good.ensureLoadBalancerDeleted(loadBalancer, call);
        return good.ensureLoadBalancer({ ...loadBalancer, ingress: [] }, call);
      },
    })),
  },
  {
    breaks: 'a change there and back leaves what was there before',
    how: 'never removes a health check that it has added',
    open: ensuring((ensure, world) => async (loadBalancer, call) => {
      if (loadBalancer.externalTrafficPolicy === 'Local') await put(world, loadBalancer.id, 'health-check');
      return ensure(loadBalancer, call);
    }),
  },
  {
    breaks: 'a requested address is given, refused or warned about',
    how: 'ignores the request',
    open: ensuring(ensure => (loadBalancer, call) => ensure({ ...loadBalancer, requestedAddresses: [] }, call)),
  },
  {
    breaks: 'a requested address is given, refused or warned about',
    how: 'refuses with an error that is tried again for ever',
    open: ensuring(ensure => async (loadBalancer, call) => {
      if (loadBalancer.requestedAddresses.length > 0) throw new Error('no');
      return ensure(loadBalancer, call);
    }),
  },
  {
    breaks: 'deleting what was never made succeeds',
    how: 'fails on what is not there',
    open: over((good, world) => ({
      async ensureLoadBalancerDeleted(ref, call) {
        if (partsOf(world, ref).length === 0) throw new Error('not found');
        return good.ensureLoadBalancerDeleted(ref, call);
      },
    })),
  },
  {
    breaks: 'deleting twice succeeds',
    how: 'fails on what it has deleted already',
    open: over(good => {
      const gone = new Set<string>();
      return {
        async ensureLoadBalancerDeleted(ref, call) {
          if (gone.has(ref.id)) throw new Error('deleted already');
          gone.add(ref.id);
          return good.ensureLoadBalancerDeleted(ref, call);
        },
      };
    }),
  },
  {
    breaks: 'deleting removes every part',
    how: 'removes the main part only',
    open: over((_good, world) => ({
      async ensureLoadBalancerDeleted(ref) {
        await remove(world, ref.id, 'address');
        return deleted;
      },
    })),
  },
  {
    breaks: 'a ref without annotations is enough to delete with, after a restart too',
    how: 'deletes from memory',
    open: deletingFromMemory,
  },
  {
    breaks: 'annotations that make no sense do not stop a deletion',
    how: 'reads the annotations to delete',
    open: over(good => ({
      async ensureLoadBalancerDeleted(ref, call) {
        for (const text of Object.values(ref.annotations ?? {})) JSON.parse(text);
        return good.ensureLoadBalancerDeleted(ref, call);
      },
    })),
  },
  {
    breaks: 'after a deletion the same balancer can be made again',
    how: 'takes a deleted id for gone for ever',
    open: over(good => {
      const gone = new Set<string>();
      return {
        async ensureLoadBalancer(loadBalancer, call) {
          if (gone.has(loadBalancer.id)) throw new Error('deleted');
          return good.ensureLoadBalancer(loadBalancer, call);
        },
        ensureLoadBalancerDeleted: (ref, call) => good.ensureLoadBalancerDeleted((gone.add(ref.id), ref), call),
      };
    }),
  },
  {
    breaks: 'once all balancers are deleted nothing is left over',
    how: 'leaves what all have in common',
    open: ensuring((ensure, world) => async (loadBalancer, call) => {
      await put(world, 'common', 'firewall');
      return ensure(loadBalancer, call);
    }),
  },
  {
    breaks: 'a request that failed is never reported as done',
    how: 'swallows errors',
    open: ensuring(
      ensure => (loadBalancer, call) =>
        ensure(loadBalancer, call).catch(() => ({ state: 'ready', ingress: [{ ip: '10.64.0.1' }] })),
    ),
  },
  {
    breaks: 'the next ensure repairs a half-made balancer',
    how: 'takes what exists for whole',
    open: ensuring((ensure, world) => async (loadBalancer, call) => {
      const [part] = partsOf(world, loadBalancer);
      return part === undefined
        ? ensure(loadBalancer, call)
        : { state: 'ready', ingress: [{ ip: part.address ?? '10.64.0.1' }] };
    }),
  },
  {
    breaks: 'deleting a half-made balancer leaves nothing',
    how: 'looks first whether there is a balancer',
    open: over((good, world) => ({
      async ensureLoadBalancerDeleted(ref, call) {
        const isWhole = partsOf(world, ref).length > 1;
        return isWhole ? good.ensureLoadBalancerDeleted(ref, call) : deleted;
      },
    })),
  },
  {
    breaks: 'the next ensure finishes a half-made change, at the same address',
    how: 'deletes to recover',
    open: over(good => ({
      async ensureLoadBalancer(loadBalancer, call) {
        const wanted = { ...loadBalancer, ingress: [] };
        return good.ensureLoadBalancer(wanted, call).catch(async (error: unknown) => {
          await good.ensureLoadBalancerDeleted(wanted, call);
          throw error;
        });
      },
    })),
  },
  {
    breaks: 'the next deletion finishes a half-made one',
    how: 'remembers that it has begun, and takes that for done',
    open: over(good => {
      const begun = new Set<string>();
      return {
        async ensureLoadBalancerDeleted(ref, call) {
          if (begun.has(ref.id)) return deleted;
          begun.add(ref.id);
          return good.ensureLoadBalancerDeleted(ref, call);
        },
      };
    }),
  },
  {
    breaks: 'the list names half-made balancers',
    how: 'lists the whole ones only',
    open: over((good, world) => ({
      listLoadBalancers: async call =>
        ((await good.listLoadBalancers?.(call)) ?? []).filter(ref => partsOf(world, ref).length > 1),
    })),
  },
  {
    breaks: 'a call that is aborted before it begins fails and makes nothing',
    how: 'heeds neither signal nor leadership',
    open: ensuring(
      ensure => (loadBalancer, call) => ensure(loadBalancer, { ...call, signal: never, assertLeading() {} }),
    ),
  },
  {
    breaks: 'a call that is aborted while it waits for the cloud ends',
    how: 'does not pass the signal on when it ensures',
    open: ensuring(ensure => (loadBalancer, call) => ensure(loadBalancer, { ...call, signal: never })),
  },
  {
    breaks: 'a call that is aborted while it waits for the cloud ends',
    how: 'does not pass the signal on when it deletes',
    open: over(good => ({
      ensureLoadBalancerDeleted: (ref, call) => good.ensureLoadBalancerDeleted(ref, { ...call, signal: never }),
    })),
  },
  {
    breaks: 'without leadership nothing is made',
    how: 'never asks',
    open: ensuring(ensure => (loadBalancer, call) => ensure(loadBalancer, { ...call, assertLeading() {} })),
  },
  {
    breaks: 'without leadership nothing is deleted',
    how: 'never asks',
    open: over(good => ({
      ensureLoadBalancerDeleted: (ref, call) => good.ensureLoadBalancerDeleted(ref, { ...call, assertLeading() {} }),
    })),
  },
  {
    breaks: 'leadership is asked for before every single request that makes something',
    how: 'asks once a call',
    open: ensuring(ensure => (loadBalancer, call) => ensure(loadBalancer, askingOnce(call))),
  },
  {
    breaks: 'leadership is asked for before every single request that deletes something',
    how: 'asks once a call',
    open: over(good => ({
      ensureLoadBalancerDeleted: (ref, call) => good.ensureLoadBalancerDeleted(ref, askingOnce(call)),
    })),
  },
  {
    breaks: 'twenty balancers made at once get addresses of their own',
    how: 'reads the next address, waits, then writes it',
    open: over(good => {
      let next = 1;
      return {
        async ensureLoadBalancer(loadBalancer, call) {
          const mine = next;
          const answer = await good.ensureLoadBalancer(loadBalancer, call);
          next = mine + 1;
          return { ...answer, ingress: [{ ip: `10.0.0.${mine}` }] };
        },
      };
    }),
  },
  {
    breaks: 'deleting some balancers at once leaves the others alone',
    how: 'keeps the one it works on in a variable that all calls share',
    open: over((good, world) => {
      let current: LoadBalancerRef;
      return {
        ensureLoadBalancer: (loadBalancer, call) => good.ensureLoadBalancer((current = loadBalancer), call),
        async ensureLoadBalancerDeleted(ref, call) {
          current = ref;
          await world.answer({ method: 'GET', path: '/parts' });
          return good.ensureLoadBalancerDeleted(current, call);
        },
      };
    }),
  },
  {
    breaks: 'the longest names Kubernetes allows are no problem',
    how: 'makes a DNS label out of namespace and name',
    open: ensuring(ensure => async (loadBalancer, call) => {
      const { namespace, name } = loadBalancer.service;
      if (`${namespace}-${name}`.length > 63) throw new Error('the name is too long');
      return ensure(loadBalancer, call);
    }),
  },
  {
    breaks: 'Services that differ in the last character of name and id stay apart',
    how: 'cuts the id',
    open: naming(ref => ref.id.slice(0, 27)),
  },
  {
    breaks: 'Services that differ in the last character of name and id stay apart',
    how: 'cuts the name',
    open: naming(ref => ref.service.name.slice(0, 32)),
  },
  {
    breaks: 'a Service made again under its name gets a balancer of its own, which the end of the old one leaves alone',
    how: 'names things after the Service',
    open: naming(({ service: { namespace, name } }) => `${namespace}-${name}`),
  },
  {
    breaks: 'another cluster on the same cloud is neither seen nor touched',
    how: 'deletes by name, whatever the mark says',
    open: over((_good, world) => ({
      async ensureLoadBalancerDeleted(ref, call) {
        call.assertLeading();
        for (const { name } of partsOf(world, ref)) await remove(world, ref.id, name);
        return deleted;
      },
    })),
  },
  {
    breaks: 'objects of others are neither listed nor touched',
    how: 'takes whatever has a name like its own for its own',
    open: over((_good, world, { cluster }) => ({
      listLoadBalancers: async () =>
        [...new Set(world.parts().map(part => part.balancer))].map(id => ({
          id,
          cluster,
          service: { namespace: '', name: '', uid: '' },
        })),
    })),
  },
  {
    breaks: 'objects of others are neither listed nor touched',
    how: 'cleans up what it does not know',
    open: ensuring((ensure, world) => async (loadBalancer, call) => {
      for (const part of world.parts()) if (part.mark === undefined) await remove(world, part.balancer, part.name);
      return ensure(loadBalancer, call);
    }),
  },
  {
    breaks: 'the list names exactly what exists',
    how: 'lists from memory, and never forgets',
    open: over(good => {
      const made = new Map<string, LoadBalancerRef>();
      return {
        ensureLoadBalancer(loadBalancer, call) {
          const {
            id,
            cluster,
            service: { namespace, name, uid },
          } = loadBalancer;
          made.set(id, { id, cluster, service: { namespace, name, uid } });
          return good.ensureLoadBalancer(loadBalancer, call);
        },
        listLoadBalancers: async () => [...made.values()],
      };
    }),
  },
  {
    breaks: 'the list is complete when it is long',
    how: 'reads the first page only',
    open: over(good => ({
      listLoadBalancers: async call => ((await good.listLoadBalancers?.(call)) ?? []).slice(0, 100),
    })),
  },
  {
    breaks: 'what the list names can be deleted with it, after a restart too',
    how: 'deletes from memory',
    open: deletingFromMemory,
  },
  {
    breaks: 'every answer can be published as it stands',
    how: 'an ip that is none',
    open: answering({ ingress: [{ ip: 'pending' }] }),
  },
  {
    breaks: 'every answer can be published as it stands',
    how: 'a hostname that is none',
    open: answering({ ingress: [{ hostname: 'my balancer' }] }),
  },
  {
    breaks: 'every answer can be published as it stands',
    how: 'both in one entry',
    open: answering({ ingress: [{ ip: '10.0.0.1', hostname: 'a.example' }] }),
  },
  {
    breaks: 'every answer can be published as it stands',
    how: 'ipMode without an ip',
    open: answering({ ingress: [{ hostname: 'a.example', ipMode: 'VIP' }] }),
  },
  {
    breaks: 'every answer can be published as it stands',
    how: 'ready without an address',
    open: answering({ ingress: [] }),
  },
  {
    breaks: 'every answer can be published as it stands',
    how: 'a port nobody asked for',
    open: answering({ ingress: [{ ip: '10.0.0.1', ports: [{ port: 1, protocol: 'TCP' }] }] }),
  },
  {
    breaks: 'every answer can be published as it stands',
    how: 'a warning without a proper reason',
    open: answering({ warnings: [{ reason: 'it is odd', message: 'x' }] }),
  },
  {
    breaks: 'every answer can be published as it stands',
    how: 'more backends than there are',
    open: answering({ backends: { registered: 3 } }),
  },
  {
    breaks: 'every answer can be published as it stands',
    how: 'a rejected node that was never given',
    open: answering({ backends: { registered: 1, rejected: [{ node: 'x', reason: 'y' }] } }),
  },
  {
    breaks: 'every answer can be published as it stands',
    how: 'what JSON cannot carry',
    open: answering({ backends: { registered: Number.NaN } }),
  },
  {
    breaks: 'every answer can be published as it stands',
    how: 'pending for longer than an hour',
    open: answering({ state: 'pending', reason: 'x', retryAfterMs: 3_600_001 }),
  },
  {
    breaks: 'not ready yet is a value, not an error, and nothing is made twice over it',
    how: 'throws until it is ready',
    open: ensuring(ensure => async (loadBalancer, call) => {
      const answer = await ensure(loadBalancer, call);
      if (answer.state === 'pending') throw new Error('not ready');
      return answer;
    }),
  },
  {
    breaks: 'arguments are never changed',
    how: 'sorts the source ranges in place',
    open: ensuring(ensure => (loadBalancer, call) => {
      if (!Object.isFrozen(loadBalancer)) (loadBalancer.sourceRanges as string[]).sort();
      return ensure(loadBalancer, call);
    }),
  },
  {
    breaks: 'fields of later versions are ignored',
    how: 'refuses what it does not know',
    open: ensuring(ensure => async (loadBalancer, call) => {
      if ('futureField' in loadBalancer) throw new Error('unknown field');
      return ensure(loadBalancer, call);
    }),
  },
  {
    breaks: 'fields of later versions are ignored',
    how: 'stores listeners as they come',
    open: ensuring((ensure, world) => async (loadBalancer, call) => {
      world.put({ balancer: loadBalancer.id, name: JSON.stringify(loadBalancer.listeners) });
      return ensure(loadBalancer, call);
    }),
  },
  {
    breaks: 'needs is a pure function',
    how: 'answers by what it has made before',
    open: over(good => {
      const made = new Set<string>();
      return {
        needs: ({ id }) => ({ nodePorts: made.has(id) }),
        ensureLoadBalancer: (wanted, call) => good.ensureLoadBalancer((made.add(wanted.id), wanted), call),
      };
    }),
  },
  {
    breaks: 'every declared protocol is served',
    how: 'declares SCTP and refuses it',
    open: refusing(declaring({ protocols: ['TCP', 'UDP', 'SCTP'] }), 'SCTP'),
  },
  {
    breaks: 'every declared IP family is served',
    how: 'declares IPv6 and answers IPv4',
    open: over(declaring({ ipFamilies: ['IPv4', 'IPv6'] })),
  },
  {
    breaks: 'as many listeners as declared are served',
    how: 'declares 50 and serves 10',
    open: over(good => ({
      ...declaring({ maxListeners: 50 })(good),
      async ensureLoadBalancer(loadBalancer, call) {
        if (loadBalancer.listeners.length > 10) throw new Error('too many listeners');
        return good.ensureLoadBalancer(loadBalancer, call);
      },
    })),
  },
];

function refusing(declare: (good: Provider) => Partial<Provider>, protocol: string): () => TestWorld {
  return over(good => ({
    ...declare(good),
    async ensureLoadBalancer(loadBalancer, call) {
      if (loadBalancer.listeners.some(listener => listener.protocol === protocol)) throw new Error(`no ${protocol}`);
      return good.ensureLoadBalancer(loadBalancer, call);
    },
  }));
}
