import type { IpFamily, LoadBalancer } from '../../../src/provider/provider.ts';
import { globally } from '../client/links.ts';
import type { Firewall } from '../client/resources.ts';
import type { GcpConfig } from '../config.ts';

/** What all our firewall rules have in common. */
export function firewallBase(config: GcpConfig): Partial<Firewall> {
  const { targetTags } = config;
  return {
    network: networkOf(config),
    direction: 'INGRESS',
    priority: 1_000,
    ...(targetTags.length > 0 ? { targetTags } : {}),
  };
}

/** Path. */
export function networkOf({ project, networkProject, network }: GcpConfig): string {
  return globally(networkProject ?? project, 'networks', network);
}

export const everyone = { IPv4: '0.0.0.0/0', IPv6: '::/0' } as const;

/** Empty where ranges are given and none is of the family: then nobody may connect there, rather than everybody. */
export function sourcesOf({ sourceRanges }: Pick<LoadBalancer, 'sourceRanges'>, family: IpFamily): readonly string[] {
  if (sourceRanges.length === 0) return [everyone[family]];
  return sourceRanges.filter(range => range.includes(':') === (family === 'IPv6'));
}
