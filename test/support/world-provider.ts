import { diffByKey } from '../../src/provider/diff.ts';
import type { Call, LoadBalancer, LoadBalancerRef, Provider, ProviderContext } from '../../src/provider/provider.ts';
import { ProviderError } from '../../src/provider/provider-error.ts';
import type { Part, Rule, WorldAnswer, WorldRequest } from './world-state.ts';

/** Carries one request to the world. Rejects where there was no answer. */
export type Send = (request: WorldRequest, signal: AbortSignal) => Promise<WorldAnswer>;

/** `pods`: sends to them instead of nodes. */
const targets = 'world.example/targets';

/** A provider for the world of `world-server.ts`, as an author would write one: `{"url":"http://127.0.0.1:1234"}` is its config. */
export function createProvider(context: ProviderContext): Provider {
  const { url } = (context.config ?? {}) as { readonly url?: unknown };
  if (typeof url !== 'string')
    throw new Error('world: config.url is missing: give the URL that world-server.ts prints');
  return createWorldProvider(context, sendTo(url));
}

export function createWorldProvider(context: ProviderContext, send: Send): Provider {
  const { cluster } = context;

  async function observe(filter: Readonly<Record<string, string>>, call: Call): Promise<Observed> {
    const query = new URLSearchParams({ cluster, ...filter });
    return (await ask(send, { method: 'GET', path: `/parts?${query.toString()}` }, call)) as Observed;
  }

  /** Exactly one request that changes something, with the right to make it asked for right before. */
  async function change(
    method: 'PUT' | 'DELETE',
    balancer: string,
    name: string,
    call: Call,
    body?: unknown,
  ): Promise<Part> {
    call.assertLeading();
    const path = `/parts/${encodeURIComponent(balancer)}/${encodeURIComponent(name)}`;
    return (await ask(
      send,
      { method, path, body, epoch: call.epoch, sequence: call.sequence, id: balancer },
      call,
    )) as Part;
  }

  return {
    contractVersion: 1,
    capabilities: {
      protocols: ['TCP', 'UDP'],
      mixedProtocols: true,
      ipFamilies: ['IPv4'],
      dualStack: false,
      sourceRanges: true,
      sessionAffinity: false,
      keepsOutside: true,
      annotationPrefixes: ['world.example/'],
      labelPrefixes: [],
    },

    needs: ({ annotations }) => ({ nodePorts: true, endpoints: annotations[targets] === 'pods' }),

    async ensureLoadBalancer(loadBalancer, call) {
      refuseRequested(loadBalancer);
      const { id, backends } = loadBalancer;
      const { ready, parts } = await observe({ balancer: id }, call);
      const mark = { cluster, ...identityOf(loadBalancer.service) };
      const published = loadBalancer.ingress[0]?.ip;
      const { address = '' } =
        parts.find(isAddress) ?? (await change('PUT', id, 'address', call, { mark, address: published }));
      const diff = diffByKey(rulesFor(loadBalancer), parts.filter(isRule), {
        desiredKey: nameOf,
        observedKey: part => part.name,
        same: (rule, part) => JSON.stringify(rule) === JSON.stringify(part.spec),
      });
      for (const rule of [...diff.create, ...diff.update.map(one => one.desired)]) {
        await change('PUT', id, nameOf(rule), call, { mark, spec: rule });
      }
      for (const part of diff.remove) await change('DELETE', id, part.name, call);
      const result = { ingress: [{ ip: address }], backends: { registered: backends.length } };
      return ready
        ? { state: 'ready', ...result }
        : { state: 'pending', reason: 'the address is not in service yet', retryAfterMs: 10, ...result };
    },

    async ensureLoadBalancerDeleted({ id }, call) {
      const { parts } = await observe({ balancer: id }, call);
      // The address goes last: it is what people know the balancer by.
      for (const part of parts.toSorted((one, other) => Number(isAddress(one)) - Number(isAddress(other)))) {
        await change('DELETE', id, part.name, call);
      }
      return { state: 'deleted' };
    },

    async listLoadBalancers(call) {
      const { parts } = await observe({}, call);
      return [...new Map(parts.map(part => [part.balancer, refOf(part, cluster)])).values()];
    },
  };
}

interface Observed {
  readonly ready: boolean;
  readonly parts: readonly Part[];
}

async function ask(send: Send, request: WorldRequest, call: Call): Promise<unknown> {
  const { status, body } = await send(request, call.signal);
  // 404: somebody else has removed it, which is what was wanted.
  if (status < 400 || status === 404) return body ?? {};
  throw new Error(`the world answered ${status} to ${request.method} ${request.path}`);
}

function sendTo(url: string): Send {
  return async ({ method, path, body, epoch = '', sequence = 0, id = '' }, signal) => {
    const headers = { epoch, sequence: String(sequence), 'balancer-id': id };
    const response = await fetch(url + path, {
      method,
      headers,
      signal,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, ...(text === '' ? {} : { body: JSON.parse(text) as unknown }) };
  };
}

function refuseRequested({ requestedAddresses, ingress }: LoadBalancer): void {
  const other = requestedAddresses.find(address => address !== ingress[0]?.ip);
  if (other !== undefined)
    throw new ProviderError('unsupported', `the world gives no address on request: remove ${other}`);
}

function rulesFor(loadBalancer: LoadBalancer): readonly Rule[] {
  const nodes = loadBalancer.backends.map(backend => backend.node);
  const { sourceRanges, endpoints } = loadBalancer;
  return loadBalancer.listeners.map(({ name, protocol, port, nodePort }) => ({
    protocol,
    port,
    nodePort,
    backends: endpoints?.filter(one => one.listener === name).map(one => `${one.address}:${one.port}`) ?? nodes,
    sourceRanges,
  }));
}

function nameOf({ protocol, port }: Rule): string {
  return `rule-${protocol}-${port}`;
}

function isAddress(part: Part): boolean {
  return part.name === 'address';
}

function isRule(part: Part): boolean {
  return part.name.startsWith('rule-');
}

function identityOf({ namespace, name, uid }: LoadBalancerRef['service']): LoadBalancerRef['service'] {
  return { namespace, name, uid };
}

function refOf({ balancer, mark }: Part, cluster: string): LoadBalancerRef {
  return { id: balancer, cluster, service: identityOf(mark ?? { namespace: '', name: '', uid: '' }) };
}
