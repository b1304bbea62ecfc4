import type { NetworkNamespace } from '../../../deploy/local-cluster/segment/network-namespace.mjs';

export interface NeighborEntry {
  readonly dst: string;
  readonly lladdr?: string;
  readonly state: readonly string[];
}

/** The kernel's own entry for an address, as `ip neigh` shows it. */
export async function neighborEntry(namespace: NetworkNamespace, address: string): Promise<NeighborEntry | undefined> {
  const text = await namespace.run('ip', ['-json', 'neigh', 'show', 'to', address, 'dev', 'eth0']);
  return (JSON.parse(text || '[]') as readonly NeighborEntry[])[0];
}

/** Has the kernel find out who has the address, as a packet to it would, anew. */
export async function resolve(namespace: NetworkNamespace, address: string): Promise<void> {
  await namespace.run('ip', ['neigh', 'flush', 'to', address, 'dev', 'eth0']);
  await namespace.run('ip', ['neigh', 'replace', address, 'dev', 'eth0', 'use']);
}

/** Has the kernel ask the MAC that it knows whether the address is still there: a NUD probe to one. */
export async function probeAgain(namespace: NetworkNamespace, address: string, mac: string): Promise<void> {
  await namespace.run('ip', ['neigh', 'replace', address, 'lladdr', mac, 'dev', 'eth0', 'nud', 'probe']);
}

/** What a tool writes, whatever its exit status says. */
export async function outputOf(
  namespace: NetworkNamespace,
  program: string,
  ...args: readonly string[]
): Promise<string> {
  return namespace.run(program, args).catch((error: { readonly stdout?: string }) => error.stdout ?? '');
}
