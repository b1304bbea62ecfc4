import type { EndpointConditions, EndpointSlice } from '../kube/objects.ts';
import type { Endpoint } from '../provider/provider.ts';

/** What is known of the pods behind a Service. */
export type KnownEndpoints =
  /** `version`: equal for equal endpoints, whatever they were in between. */
  | { readonly state: 'listed'; readonly endpoints: readonly Endpoint[]; readonly version: string }
  /** No list of this leadership has come yet. */
  | { readonly state: 'awaited' }
  /** The API server gives none. */
  | { readonly state: 'closed'; readonly problem: string };

type PackedPort = readonly [name: string, port: number];
type PackedEndpoint = readonly [address: string, node: string, zone: string, state: number];

const flags = { ready: 1, serving: 2, terminating: 4 } as const;

/**
 * What is kept of a slice: one text, so that a cluster's hundred thousand pods cost some ten megabytes, and a slice that says the same
 * again is known by a comparison. A port without a number stands for all ports, and a name in place of an address for nothing that a
 * balancer could send to: both are left out.
 */
export function packSlice({ addressType, endpoints, ports }: EndpointSlice): string {
  if (addressType === 'FQDN') return '';
  const packedPorts = (ports ?? []).flatMap(({ name = '', port }): readonly PackedPort[] =>
    port === undefined || port === null ? [] : [[name, port]],
  );
  const packed = (endpoints ?? []).flatMap(
    ({ addresses = [], nodeName = '', zone = '', conditions = {} }): readonly PackedEndpoint[] => {
      const [address] = addresses;
      return address === undefined ? [] : [[address, nodeName, zone, stateOf(conditions)]];
    },
  );
  return packed.length === 0 || packedPorts.length === 0 ? '' : JSON.stringify([packedPorts, packed]);
}

/**
 * The state of an endpoint, by KEP-1669. Pure.
 *
 * | condition   | absent       |
 * |-------------|--------------|
 * | ready       | true         |
 * | serving     | as ready     |
 * | terminating | false        |
 */
function stateOf({ ready, serving, terminating }: EndpointConditions): number {
  const isReady = ready ?? true;
  return (
    (isReady ? flags.ready : 0) +
    ((serving ?? isReady) ? flags.serving : 0) +
    (terminating === true ? flags.terminating : 0)
  );
}

/**
 * The endpoints of one Service out of its packed slices, sorted by address and port. While an endpoint moves from one slice to another it
 * stands in both: the one that is in the better state counts.
 */
export function endpointsFrom(packed: Iterable<string>): readonly Endpoint[] {
  const found = new Map<string, Endpoint>();
  for (const text of packed) {
    if (text === '') continue;
    const [ports, endpoints] = JSON.parse(text) as readonly [readonly PackedPort[], readonly PackedEndpoint[]];
    for (const [listener, port] of ports)
      for (const one of endpoints) {
        const endpoint = unpacked(listener, port, one);
        const key = `${endpoint.address} ${port} ${listener}`;
        const before = found.get(key);
        if (before === undefined || isBetter(endpoint, before)) found.set(key, endpoint);
      }
  }
  return [...found.values()].sort(byAddressAndPort);
}

function unpacked(listener: string, port: number, [address, node, zone, state]: PackedEndpoint): Endpoint {
  return {
    listener,
    address,
    port,
    node,
    zone,
    ready: (state & flags.ready) !== 0,
    serving: (state & flags.serving) !== 0,
    terminating: (state & flags.terminating) !== 0,
  };
}

function isBetter(a: Endpoint, b: Endpoint): boolean {
  return a.ready === b.ready ? a.serving && !b.serving : a.ready;
}

function byAddressAndPort(a: Endpoint, b: Endpoint): number {
  if (a.address !== b.address) return a.address < b.address ? -1 : 1;
  if (a.port !== b.port) return a.port - b.port;
  return a.listener < b.listener ? -1 : Number(a.listener > b.listener);
}
