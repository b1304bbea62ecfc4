import type { ProviderClock } from '../../../../src/provider/provider.ts';
import type { BackendGroup } from '../../backend/backend-group.ts';
import type { Aws, AwsCall } from '../../client/aws.ts';
import type { BalancerRecord } from '../../inventory/balancer-record.ts';
import type { Inventory } from '../../inventory/inventory.ts';
import type { DesiredBalancer } from '../../model/desired.ts';
import type { TargetSyncer } from '../../targets/target-syncer.ts';
import type { Change } from '../plan/change.ts';

/** What changes are carried out with. */
export interface ApplyDeps {
  readonly aws: Aws;
  readonly clock: ProviderClock;
  readonly inventory: Inventory;
  readonly backend: BackendGroup;
  readonly targets: TargetSyncer;
}

/** One Service's balancer in one call of the core. */
export interface Work {
  readonly desired: DesiredBalancer;
  readonly record: BalancerRecord;
  readonly call: AwsCall;
  /** What could not be done yet, for people. */
  readonly waits: Set<string>;
}

type Of<What extends Change['do']> = Extract<Change, { readonly do: What }>;

/** For each of these changes the function that carries it out, and remembers what it has made of AWS. */
export type Appliers<What extends Change['do']> = {
  readonly [Which in What]: (deps: ApplyDeps, work: Work, change: Of<Which>) => Promise<void>;
};
