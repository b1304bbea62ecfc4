import { slicesPath } from '../../src/controller/endpoints/slices.ts';
import type { ProviderInstance } from '../../src/controller/provider-calls.ts';
import { type KubeClient, KubeError, type KubeRequest, patchType, type WatchRequest } from '../../src/kube/client.ts';
import type { Service } from '../../src/kube/objects.ts';
import type { Call, Provider } from '../../src/provider/provider.ts';
import type { Fields } from '../support/sim/api-object.ts';
import { jsonPatch, strategicMergePatch } from '../support/sim/api-patch.ts';
import { apiStepOf } from '../support/sim/api-step.ts';
import type { Broken } from '../support/sim/incarnation.ts';

/** A controller with one thing broken, and the beginning of what the simulation has to say about it. */
export interface BrokenController {
  readonly name: string;
  readonly noticedAs: RegExp;
  /** A new one for each schedule: some remember things. */
  readonly broken: () => Broken;
}

export const brokenControllers: readonly BrokenController[] = [
  {
    name: 'puts no finalizer on',
    noticedAs: /^finalizer: .* was made without it/,
    broken: () => ({
      instance: instance => ({ ...instance, capabilities: { ...instance.capabilities, keepsOutside: false } }),
    }),
  },
  {
    name: 'takes the finalizer off while the delete goes on',
    noticedAs: /^finalizer: taken off/,
    broken: () =>
      onProvider(provider => ({
        ensureLoadBalancerDeleted: (ref, call) => answerEarly(provider.ensureLoadBalancerDeleted(ref, call)),
      })),
  },
  {
    name: 'deletes only what it remembers to have made',
    noticedAs: /^finalizer: taken off|^not converged: orphan/,
    broken: () => onProvider(onlyRemembered),
  },
  {
    name: 'acts without a fence',
    noticedAs: /^fence: /,
    broken: () => ({
      leadership: ({ epoch }) => ({ epoch, signal: new AbortController().signal, assertLeading: () => undefined }),
    }),
  },
  {
    name: 'gives every leadership the same epoch',
    noticedAs: /^sequence: /,
    broken: () => ({
      leadership: leadership => ({
        epoch: '1',
        signal: leadership.signal,
        assertLeading: () => leadership.assertLeading(),
      }),
    }),
  },
  {
    name: 'calls a provider twice at a time for one balancer',
    noticedAs: /outside are/,
    broken: () =>
      onProvider(provider => ({
        ensureLoadBalancer: async (loadBalancer, call) => {
          const [first] = await Promise.all([
            provider.ensureLoadBalancer(loadBalancer, call),
            provider.ensureLoadBalancer(loadBalancer, call),
          ]);
          return first;
        },
      })),
  },
  {
    name: 'tells a provider nothing of what is published',
    noticedAs: /^address: /,
    broken: () => onProvider(() => ({ restore: async () => undefined })),
  },
  {
    name: 'begins on lists from a cache that is behind',
    noticedAs: /^(address|finalizer|foreign|fence): /,
    broken: () => {
      const cache = new Map<string, unknown>();
      return { client: client => behind(client, cache) };
    },
  },
  {
    name: 'guards no write by uid and version',
    noticedAs: /^(address|foreign|finalizer|not converged): /,
    broken: () => onWrites(request => ({ ...request, body: withoutPreconditions(request.body) })),
  },
  {
    name: 'writes finalizers and conditions with a merge patch',
    noticedAs: /^foreign: /,
    broken: () =>
      onWrites(request =>
        request.contentType === patchType.strategicMerge ? { ...request, contentType: patchType.merge } : request,
      ),
  },
  {
    name: 'tells a provider of node ports before they are persisted',
    noticedAs: /^node port: /,
    broken: () => ({ client: pretendNodePorts }),
  },
  {
    name: 'takes a lost answer for a success',
    noticedAs: /^(not converged|finalizer|address): /,
    broken: () => ({ client: takeLostForDone }),
  },
  {
    name: 'does not notice that its watch has expired',
    noticedAs: /^not converged: /,
    broken: () => ({
      client: client => ({ request: request => client.request(request), watch: request => deafTo410(client, request) }),
    }),
  },
  {
    name: 'hears of no change of pods',
    noticedAs: /^not converged: .*outside differs in .*targets/,
    broken: () => ({
      client: client => ({
        request: request => client.request(request),
        watch: request => (request.path === slicesPath ? silence(client, request) : client.watch(request)),
      }),
    }),
  },
  {
    name: 'sweeps what other clusters own',
    noticedAs: /^foreign: .* has touched/,
    broken: () =>
      onProvider((provider, instance) => ({
        ...(provider.listLoadBalancers && {
          listLoadBalancers: async call => {
            const refs = (await provider.listLoadBalancers?.(call)) ?? [];
            const cluster = refs.find(ref => ref.cluster !== 'another-cluster')?.cluster ?? instance.name;
            return refs.map(ref => ({ ...ref, cluster }));
          },
        }),
      })),
  },
];

/** A watch that goes on, and tells nothing but where it is. */
async function* silence(client: KubeClient, request: WatchRequest): AsyncIterable<never> {
  for await (const event of client.watch(request)) if (event.type === 'BOOKMARK') yield event as never;
}

/** Replaces verbs of every provider. */
function onProvider(change: (provider: Provider, instance: ProviderInstance) => Partial<Provider>): Broken {
  return {
    instance: instance => ({ ...instance, provider: { ...instance.provider, ...change(instance.provider, instance) } }),
  };
}

/** Changes every write to a Service before it is sent. */
function onWrites(change: (request: KubeRequest) => KubeRequest): Broken {
  return {
    client: client => ({
      request: request =>
        client.request(request.method === 'PATCH' && request.path.includes('/services/') ? change(request) : request),
      watch: request => client.watch(request),
    }),
  };
}

async function answerEarly(work: Promise<unknown>): Promise<{ readonly state: 'deleted' }> {
  work.catch(() => undefined);
  return { state: 'deleted' };
}

function onlyRemembered(provider: Provider): Partial<Provider> {
  const made = new Set<string>();
  return {
    ensureLoadBalancer: async (loadBalancer, call) => {
      const ensured = await provider.ensureLoadBalancer(loadBalancer, call);
      made.add(loadBalancer.id);
      return ensured;
    },
    ensureLoadBalancerDeleted: async (ref, call: Call) =>
      made.has(ref.id) ? provider.ensureLoadBalancerDeleted(ref, call) : { state: 'deleted' },
  };
}

function withoutPreconditions(body: unknown): unknown {
  if (Array.isArray(body)) return body;
  const { metadata, ...rest } = body as { readonly metadata?: Fields };
  const { uid: _, resourceVersion: __, ...marks } = metadata ?? {};
  return { ...rest, metadata: marks };
}

/** Lists show what they showed the last time that anybody asked. */
function behind(client: KubeClient, cache: Map<string, unknown>): KubeClient {
  return {
    watch: request => client.watch(request),
    async request<Answer>(request: KubeRequest): Promise<Answer> {
      if (apiStepOf(request) !== 'list') return client.request<Answer>(request);
      const key = JSON.stringify([request.path, request.query]);
      const last = cache.get(key);
      const current = await client.request<Answer>(request);
      cache.set(key, current);
      return structuredClone((last ?? current) as Answer);
    },
  };
}

/** Writes everything but the node ports, and answers as if they stood there. */
function pretendNodePorts(client: KubeClient): KubeClient {
  return {
    watch: request => client.watch(request),
    async request<Answer>(request: KubeRequest): Promise<Answer> {
      if (request.contentType !== patchType.json) return client.request<Answer>(request);
      const operations = request.body as readonly { readonly path: string }[];
      const body = operations.filter(one => !one.path.endsWith('/nodePort'));
      const service = await client.request<Service>({ ...request, body });
      return jsonPatch(
        service,
        operations.filter(one => one.path.endsWith('/nodePort')),
      ) as Answer;
    },
  };
}

/** Goes on as if a write without an answer had been carried out. */
function takeLostForDone(client: KubeClient): KubeClient {
  return {
    watch: request => client.watch(request),
    async request<Answer>(request: KubeRequest): Promise<Answer> {
      try {
        return await client.request<Answer>(request);
      } catch (error) {
        if (!isServiceWrite(request) || !(error instanceof KubeError) || error.status !== 0) throw error;
        const path = request.path.replace(/\/status$/, '');
        const { metadata, ...service } = await client.request<Service>({ method: 'GET', path });
        const hoped = strategicMergePatch({ metadata, ...service }, request.body) as Service;
        return {
          ...hoped,
          metadata: { ...hoped.metadata, resourceVersion: `${BigInt(metadata.resourceVersion) + 1n}` },
        } as Answer;
      }
    },
  };
}

function isServiceWrite({ method, path }: KubeRequest): boolean {
  return method === 'PATCH' && path.includes('/services/');
}

/** Passes on what comes, and waits for ever where the server says that the version is gone. */
async function* deafTo410(client: KubeClient, request: Parameters<KubeClient['watch']>[0]): AsyncGenerator<never> {
  const never = new Promise<never>((_, reject) => {
    request.signal.addEventListener('abort', () => reject(new KubeError(0, 'Cancelled', 'cancelled')), { once: true });
  });
  never.catch(() => undefined);
  try {
    for await (const event of client.watch<Service>(request)) {
      if (event.type === 'ERROR') await never;
      yield event as never;
    }
  } catch (error) {
    if (error instanceof KubeError && error.status === 410) await never;
    throw error;
  }
}
