import { createHash } from 'node:crypto';
import type { IpFamily } from '../../../src/provider/provider.ts';

/**
 * Names of what is made: `fl-<cluster>-<Service>-<kind…>`, both hashes of a fixed length at a fixed place, so that nothing that is cut off
 * ever tells two apart, a list of one cluster's things is one filter, and a Service made again under its old name has other ones. At most 63
 * characters, letters, digits and hyphens (RFC 1035).
 */
export interface Names {
  /** Everything of the Service begins so. */
  readonly prefix: string;
  readonly backendService: string;
  readonly healthCheck: string;
  readonly healthCheckFirewall: string;
  readonly firewall: (family: IpFamily) => string;
  /** While rules share it, or one is replaced. */
  readonly heldAddress: (family: IpFamily) => string;
  /** Beyond the Service's life. */
  readonly keptAddress: (family: IpFamily) => string;
  /** By what cannot be changed in it: other ports are another rule. */
  readonly forwardingRule: (family: IpFamily, protocol: string, ports: readonly number[] | 'all') => string;
  /** Of a proxied port: its backend service, its proxy, its rule. */
  readonly proxy: (port: number) => string;
}

export function namesOf(cluster: string, uid: string): Names {
  const prefix = `${clusterPrefix(cluster)}${hash([cluster, uid], 14)}-`;
  return {
    prefix,
    backendService: `${prefix}bs`,
    healthCheck: `${prefix}hc`,
    healthCheckFirewall: `${prefix}hc-fw`,
    firewall: family => `${prefix}fw-${short[family]}`,
    heldAddress: family => `${prefix}hold-${short[family]}`,
    keptAddress: family => `${prefix}keep-${short[family]}`,
    forwardingRule: (family, protocol, ports) =>
      `${prefix}${short[family]}-${kinds[protocol] ?? 'l3'}-${ports === 'all' ? ports : ports.join('-')}`,
    proxy: port => `${prefix}np-${port}`,
  };
}

/** Of an address that outlives its Service. Pure. */
export function isKeptAddress(name: string): boolean {
  return /-keep-v[46]$/.test(name);
}

/** Of what the whole cluster shares. */
export interface SharedNames {
  readonly healthCheck: string;
  /** In every zone. */
  readonly instanceGroup: string;
  firewall(family: IpFamily): string;
}

export function sharedNames(cluster: string): SharedNames {
  const prefix = clusterPrefix(cluster);
  return {
    healthCheck: `${prefix}hc`,
    instanceGroup: `${prefix}nodes`,
    firewall: family => `${prefix}hc-${short[family]}`,
  };
}

/** Everything of the cluster begins so. */
export function clusterPrefix(cluster: string): string {
  return `fl-${hash([cluster], 8)}-`;
}

const short = { IPv4: 'v4', IPv6: 'v6' } as const;
const kinds: Readonly<Record<string, string>> = { TCP: 'tcp', UDP: 'udp', L3_DEFAULT: 'l3' };

/** In base 36. Of a Service 72 bits: two of 10,000 meet with a chance of 1 in 10^14. */
function hash(parts: readonly string[], length: number): string {
  const digest = createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
  return BigInt(`0x${digest}`).toString(36).padStart(length, '0').slice(-length);
}
