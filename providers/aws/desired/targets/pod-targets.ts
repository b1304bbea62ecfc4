import type { Endpoint, IpFamily, Listener } from '../../../../src/provider/provider.ts';
import type { Target } from '../../model/desired.ts';
import { isOf, targetAt } from './node-targets.ts';

export interface PodTargetsInput {
  /** The ports that one listener stands for. */
  readonly ports: readonly Listener[];
  readonly endpoints: readonly Endpoint[];
  readonly family: IpFamily;
  readonly cidrs: readonly string[];
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
 * | of the other family, or not reachable    | no targets                                                         |
 */
export function podTargets({ ports, endpoints, family, cidrs }: PodTargetsInput): readonly Target[] {
  const names = new Set(ports.map(({ name }) => name));
  const behind = endpoints.filter(({ listener, address }) => names.has(listener) && isOf(family, address));
  const ready = behind.filter(one => one.ready && !one.terminating);
  const used = ready.length > 0 ? ready : behind.filter(one => one.serving);
  const targets = new Map<string, Target>();
  for (const { address, port } of used) {
    const target = targetAt(address, cidrs);
    if (target !== undefined) targets.set(`${address} ${port}`, { ...target, port });
  }
  return [...targets.values()].toSorted(byIdAndPort);
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
