import type { Mode, Scheme } from '../annotations/settings.ts';
import type { NetworkTier } from '../client/resources.ts';
import type { KnownBalancer } from '../model/kinds.ts';

/** What exists of a balancer and cannot become another without another address: it binds what can be desired. */
export interface Present {
  readonly mode?: Mode;
  readonly scheme?: Scheme;
  readonly tier?: NetworkTier;
  readonly subnetwork?: string;
}

/**
 * As its rules tell it, and where there are none its backend services, which have the scheme too. Pure.
 *
 * | rules                 | backend service | →                                    |
 * |-----------------------|-----------------|--------------------------------------|
 * | some                  | any             | scheme, mode, tier, subnet of theirs |
 * | none                  | there           | its scheme and mode                  |
 * | none                  | none            | nothing                              |
 */
export function presentOf({ forwardingRules, backendServices }: KnownBalancer): Present {
  const [rule] = forwardingRules;
  const found = rule?.loadBalancingScheme ?? backendServices[0]?.loadBalancingScheme;
  const known = found === undefined ? undefined : kinds[found];
  const subnetwork = forwardingRules.find(one => one.subnetwork !== undefined)?.subnetwork;
  const tier = known?.scheme === 'EXTERNAL' ? rule?.networkTier : undefined;
  return {
    ...known,
    ...(tier === undefined ? {} : { tier }),
    ...(subnetwork === undefined ? {} : { subnetwork }),
  };
}

const kinds: Readonly<Record<string, Required<Pick<Present, 'mode' | 'scheme'>>>> = {
  EXTERNAL: { mode: 'passthrough', scheme: 'EXTERNAL' },
  INTERNAL: { mode: 'passthrough', scheme: 'INTERNAL' },
  EXTERNAL_MANAGED: { mode: 'proxy', scheme: 'EXTERNAL' },
};
