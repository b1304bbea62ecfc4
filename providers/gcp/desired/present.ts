import type { Scheme } from '../annotations/settings.ts';
import type { NetworkTier } from '../client/resources.ts';
import type { KnownBalancer } from '../model/kinds.ts';

/** What exists of a balancer and cannot become another without another address: it binds what can be desired. */
export interface Present {
  readonly scheme?: Scheme;
  readonly tier?: NetworkTier;
  readonly subnetwork?: string;
}

/**
 * As its rules tell it, and where there are none its backend service, which has the scheme too. Pure.
 *
 * | rules                 | backend service | →                                    |
 * |-----------------------|-----------------|--------------------------------------|
 * | some                  | any             | the scheme, tier and subnet of theirs |
 * | none                  | there           | its scheme                           |
 * | none                  | none            | nothing                              |
 */
export function presentOf({ forwardingRules, backendServices }: KnownBalancer): Present {
  const [rule] = forwardingRules;
  const scheme = passthrough(rule?.loadBalancingScheme) ?? passthrough(backendServices[0]?.loadBalancingScheme);
  const subnetwork = forwardingRules.find(one => one.subnetwork !== undefined)?.subnetwork;
  const tier = scheme === 'EXTERNAL' ? rule?.networkTier : undefined;
  return {
    ...(scheme === undefined ? {} : { scheme }),
    ...(tier === undefined ? {} : { tier }),
    ...(subnetwork === undefined ? {} : { subnetwork }),
  };
}

function passthrough(scheme: string | undefined): Scheme | undefined {
  return scheme === 'EXTERNAL' || scheme === 'INTERNAL' ? scheme : undefined;
}
