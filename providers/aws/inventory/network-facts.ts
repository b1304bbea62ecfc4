import type { LogicalClock } from '../../../src/provider/adapter/logical-clock.ts';
import { Sweep } from '../../../src/provider/adapter/sweep.ts';
import type { Call, ProviderClock } from '../../../src/provider/provider.ts';
import type { Aws } from '../client/aws.ts';
import type { AwsConfig } from '../config.ts';
import type { Network } from '../desired/network.ts';
import type { ObservedSecurityGroup, ObservedSubnet } from '../model/observed.ts';
import { observeSecurityGroups } from '../resources/security-groups.ts';
import { observeSubnets } from '../resources/subnets.ts';

/** What balancers stand in, read once and kept: it changes by hand and seldom. */
export class NetworkFacts {
  readonly #subnets: Sweep<readonly ObservedSubnet[]>;
  readonly #groups: Sweep<readonly ObservedSecurityGroup[]>;

  constructor(aws: Aws, clock: ProviderClock, time: LogicalClock, { vpcId }: Pick<AwsConfig, 'vpcId'>) {
    const filter = vpcId === undefined ? {} : { vpcId };
    this.#subnets = new Sweep(clock, time, call => observeSubnets(aws, filter, call));
    this.#groups = new Sweep(clock, time, call => observeSecurityGroups(aws, filter, call));
  }

  /** `named`: security groups are asked for by name, and have to be read too. */
  async get(call: Call, named: boolean, maxAgeMs?: number): Promise<Network> {
    const freshness = maxAgeMs === undefined ? {} : { maxAgeMs };
    const [subnets, groups] = await Promise.all([
      this.#subnets.get(call, freshness),
      named ? this.#groups.get(call, freshness) : undefined,
    ]);
    return { subnets: subnets.found, ...(groups === undefined ? {} : { securityGroups: groups.found }) };
  }
}
