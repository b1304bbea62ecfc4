import type { Endpoint, IpFamily, Listener } from '../../../../src/provider/provider.ts';
import type { Target } from '../../model/desired.ts';
import type { PlaceOf } from '../place/inside.ts';
import { isOf, targetAt } from './node-targets.ts';

export interface PodTargetsInput {
  /** The ports that one listener stands for. */
  readonly ports: readonly Listener[];
  readonly endpoints: readonly Endpoint[];
  readonly family: IpFamily;
  readonly placeOf: PlaceOf;
}

export interface PodTargets {
  readonly targets: readonly Target[];
  /** Addresses of ready pods that AWS would not send to. */
  readonly unreachable: readonly string[];
}

/**
 * The pods behind a listener, sorted by id and port, each once. Pure.
 *
 * | pods                                     | →                                                                  |
 * |------------------------------------------|--------------------------------------------------------------------|
 * | ready                                    | targets                                                            |
 * | going, still serving                     | no targets: AWS drains what is deregistered                        |
 * | going, still serving, and no one is ready | targets: better them than none, as kube-proxy does                |
 * | neither                                  | no targets                                                         |
 * | of the other family                      | no targets                                                         |
 * | neither in the VPC nor private           | unreachable                                                        |
 */
export function podTargets({ ports, endpoints, family, placeOf }: PodTargetsInput): PodTargets {
  const names = new Set(ports.map(({ name }) => name));
  const behind = endpoints.filter(({ listener, address }) => names.has(listener) && isOf(family, address));
  const ready = behind.filter(one => one.ready && !one.terminating);
  const used = ready.length > 0 ? ready : behind.filter(one => one.serving);
  const targets = new Map<string, Target>();
  const unreachable = new Set<string>();
  for (const { address, port } of used) {
    const target = targetAt(address, placeOf);
    if (target === undefined) unreachable.add(address);
    else targets.set(`${address} ${port}`, { ...target, port });
  }
  return { targets: [...targets.values()].toSorted(byIdAndPort), unreachable: [...unreachable] };
}

/** All ports at which the pods of one port are reached, as a text: equal where two ports lead to the same. Pure. */
export function podPortsOf({ name }: Listener, endpoints: readonly Endpoint[]): string {
  const ports = endpoints.filter(({ listener }) => listener === name).map(({ port }) => port);
  return [...new Set(ports)].toSorted((one, other) => one - other).join(' ');
}

function byIdAndPort(one: Target, other: Target): number {
  if (one.id !== other.id) return one.id < other.id ? -1 : 1;
  return one.port - other.port;
}
