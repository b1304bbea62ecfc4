import type { NetworkTier } from '../client/resources.ts';

/** What the annotations of one Service ask for; older spellings are resolved. What is absent was not asked for. */
export interface Settings {
  readonly scheme?: Scheme;
  readonly tier?: NetworkTier;
  /** Names of reserved addresses, in the user's order. */
  readonly addressNames: readonly string[];
  readonly globalAccess: boolean;
  readonly subnet?: string;
  readonly weighted: boolean;
  readonly strongAffinity: boolean;
  readonly keepAddress: boolean;
  readonly ports?: PortsMode;
  readonly mixedProtocols?: MixedMode;
  readonly mode?: Mode;
  readonly drainSeconds?: number;
  readonly healthCheck: HealthCheckSettings;
}

export type Scheme = 'EXTERNAL' | 'INTERNAL';
/** `rules`: as many forwarding rules as it takes; `all`: one for every port, and the firewall filters. */
export type PortsMode = 'rules' | 'all';
/** `split`: one forwarding rule for each protocol; `l3`: one for all of them, and the firewall filters. */
export type MixedMode = 'split' | 'l3';

/** `passthrough`: packets arrive at nodes as clients sent them; `proxy`: from Google's proxies, at node ports. */
export type Mode = 'passthrough' | 'proxy';

export interface HealthCheckSettings {
  readonly protocol?: 'HTTP' | 'HTTPS' | 'TCP';
  readonly port?: number;
  readonly path?: string;
  readonly intervalSeconds?: number;
  readonly timeoutSeconds?: number;
  readonly healthyThreshold?: number;
  readonly unhealthyThreshold?: number;
}
