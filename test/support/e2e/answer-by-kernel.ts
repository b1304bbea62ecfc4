import type { Segment, SegmentNode } from '../../../deploy/local-cluster/segment/segment.mjs';

/** A stand-in for the speakers: a node's kernel answers for the addresses, and no other node's any more. */
export async function answerByKernel(segment: Segment, node: SegmentNode, addresses: readonly string[]): Promise<void> {
  for (const each of segment.nodes) {
    const { namespace } = each;
    for (const address of addresses) {
      const words = ['addr', each === node ? 'replace' : 'delete', `${address}/${address.includes(':') ? 128 : 32}`];
      await namespace.run('ip', [...words, 'dev', segment.interface]).catch(() => {}); // it did not have it
    }
  }
  for (const { namespace } of segment.clients) await namespace.ip([`neigh flush dev ${segment.interface}`]);
}
