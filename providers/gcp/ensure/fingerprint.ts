import { createHash } from 'node:crypto';
import type { LoadBalancer } from '../../../src/provider/provider.ts';

/**
 * Equal for two balancers that ask for the same. Pure. Left out: nodes, which have a way of their own, and what is published, which is no
 * question.
 */
export function fingerprint(loadBalancer: LoadBalancer): string {
  const { backends: _nodes, ingress: _published, endpoints: _pods, ...rest } = loadBalancer;
  return createHash('sha256').update(JSON.stringify(rest, inKeyOrder)).digest('base64url');
}

function inKeyOrder(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1)));
}
