import type { Segment, SegmentNode } from '../../../deploy/local-cluster/segment/segment.mjs';
import { until } from '../loop-until.ts';

/**
 * The names of the nodes that answer when the client asks the whole segment for an address, twice; sorted. Asked by the ordinary tools:
 * arping and ndisc6. A MAC that is no node's stands for itself.
 */
export async function whoAnswers(segment: Segment, address: string): Promise<readonly string[]> {
  const { client, nodes, interface: device } = segment;
  const [program, args] = address.includes(':')
    ? (['ndisc6', ['-q', '-m', '-r', '2', '-w', '500', address, device]] as const)
    : (['arping', ['-b', '-c', '2', '-w', '2', '-I', device, address]] as const);
  const output = await client.namespace.run(program, args).catch(outputOf); // they fail also where one question of two is answered
  const heard = new Set(output.toLowerCase().match(/(?:[0-9a-f]{2}:){5}[0-9a-f]{2}/g));
  return [...heard].map(mac => nodes.find(node => node.mac === mac)?.name ?? mac).toSorted();
}

/** Waits until one node answers alone, and another one than `former`, where that is given. */
export async function soleOwner(segment: Segment, address: string, former?: SegmentNode): Promise<SegmentNode> {
  let heard: readonly string[] = [];
  const isSettled = async () => {
    heard = await whoAnswers(segment, address);
    return heard.length === 1 && heard[0] !== former?.name;
  };
  const what = former === undefined ? `one node answers for ${address}` : `another node than ${former.name} answers`;
  await until(what, isSettled, () => `answered: ${heard.join(', ') || 'nobody'}`);
  return segment.node(heard[0] ?? '');
}

function outputOf(error: unknown): string {
  return error instanceof Error && 'stdout' in error ? String(error.stdout) : '';
}
