import { unlessAborted } from '../../../src/provider/adapter/unless-aborted.ts';
import type { Call, ProviderClock } from '../../../src/provider/provider.ts';
import { ProviderError } from '../../../src/provider/provider-error.ts';
import type { Aws } from '../client/aws.ts';
import { isDuplicate, isInUse } from '../client/classify-error.ts';
import type { AwsConfig } from '../config.ts';
import { backendGroupName } from '../desired/names.ts';
import { nodeRules, portsBehind, type TargetPort } from '../desired/security-rules.ts';
import type { BackendState } from '../ensure/plan/plan-changes.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { DesiredBalancer, IngressRule } from '../model/desired.ts';
import type { ObservedSecurityGroup } from '../model/observed.ts';
import { type Role, ruleDescription, tagKeys } from '../model/tags.ts';
import {
  authorizeIngress,
  createSecurityGroup,
  deleteSecurityGroup,
  observeSecurityGroups,
  revokeIngress,
} from '../resources/security-groups.ts';
import { findNodeGroup, type NodeGroup } from './node-group.ts';
import { planNodeRules } from './plan-node-rules.ts';

const role: Role = 'backend-security-group';

export interface BackendGroupOptions {
  readonly aws: Aws;
  readonly cluster: string;
  readonly config: AwsConfig;
  readonly inventory: Inventory;
  readonly clock: ProviderClock;
}

/**
 * The one security group on all balancers of the cluster, which the nodes' own group names as the source of what they let in: so many rules
 * there, however many Services. Made with the first balancer that needs it and deleted with the last; never both at once.
 */
export class BackendGroup {
  readonly #options: BackendGroupOptions;
  readonly #description: string;
  readonly #users = new Map<string, readonly TargetPort[]>();
  #turn: Promise<void> = Promise.resolve();
  /** `undefined`: nobody has looked, or it is not known what became of the last change. */
  #group: { readonly id: string | undefined } | undefined;
  #doubtedAt = 0;
  #node: NodeGroup | undefined;
  #lookedMs = 0;

  constructor(options: BackendGroupOptions) {
    this.#options = options;
    this.#description = ruleDescription(options.cluster);
  }

  /** Another leader may have changed everything. */
  reset(): void {
    this.#users.clear();
    this.#group = undefined;
    this.#node = undefined;
  }

  /** What was seen of the nodes' group longer ago is to be looked at again. */
  doubtRules(maxAgeMs: number): void {
    if (this.#options.clock.monotonic() - this.#lookedMs > maxAgeMs) this.#node = undefined;
  }

  /** For people: why nodes may not let the traffic in. */
  get fault(): string | undefined {
    return this.#node?.fault;
  }

  state(desired: DesiredBalancer): BackendState {
    const id = this.#group?.id;
    const missing =
      id === undefined || this.#node === undefined ? [] : this.#plan(id, portsBehind(desired), this.#node).authorize;
    return { id, ready: id !== undefined && this.#node !== undefined && missing.length === 0 };
  }

  /** Makes it, and lets the nodes let it in. At most one read for each of the two groups, and two changes; none where all is there. */
  async ensure(desired: DesiredBalancer, call: Call): Promise<void> {
    this.#users.set(desired.id, portsBehind(desired));
    await this.#alone(call, async () => {
      const id = (await this.#find(call)) ?? (await this.#create(desired.vpcId, call));
      await this.#authorize(id, call);
    });
  }

  /** `false`: something still holds on to it. A Service that is gone needs it no more; the last one takes it along. */
  async release(id: string, call: Call): Promise<boolean> {
    this.#users.delete(id);
    return this.#alone(call, async () => {
      if (this.#users.size > 0 || this.#options.inventory.hasOthersThan(id)) return true;
      const group = await this.#find(call);
      if (group === undefined) return true;
      return this.#delete(group, call);
    });
  }

  async #find(call: Call): Promise<string | undefined> {
    if (this.#group !== undefined) return this.#group.id;
    const { found } = await this.#options.inventory.securityGroups.get(call, { after: this.#doubtedAt });
    this.#group = { id: found.shared.find(({ tags }) => tags[tagKeys.role] === role)?.id };
    return this.#group.id;
  }

  async #create(vpcId: string, call: Call): Promise<string> {
    const { aws, cluster, config } = this.#options;
    const name = backendGroupName(cluster);
    const tags = { ...config.tags, [tagKeys.cluster]: cluster, [tagKeys.role]: role };
    const description = 'Load balancers of a Kubernetes cluster, as its nodes know them';
    try {
      const id = await this.#change(() => createSecurityGroup(aws, { name, description, vpcId, tags }, call));
      this.#group = { id };
      return id;
    } catch (error) {
      if (!isDuplicate(error)) throw error;
    }
    const [found] = await observeSecurityGroups(aws, { name, vpcId }, call);
    if (found === undefined)
      throw new ProviderError('throttled', `security group ${name} exists, and AWS does not show it yet`, {
        retryAfterMs: 2_000,
      });
    if (found.tags[tagKeys.cluster] !== cluster)
      throw new ProviderError('rejected', `security group ${name} is not fairlead’s: delete it, or set preauthorised`);
    this.#group = { id: found.id };
    return found.id;
  }

  async #authorize(id: string, call: Call): Promise<void> {
    const { aws } = this.#options;
    const node = await this.#nodeGroup(call);
    const { group } = node;
    if (group === undefined) return;
    const plan = this.#plan(id, [...this.#users.values()].flat(), node);
    const added = plan.authorize.map(rule => ({ ...rule, description: this.#description }));
    if (added.length > 0) {
      await this.#change(() => authorizeIngress(aws, group.id, added, call));
      this.#setRules([...group.rules, ...added]);
    }
    if (plan.revoke.length > 0) {
      await this.#change(() => revokeIngress(aws, group.id, plan.revoke, call));
      this.#setRules([...group.rules, ...added].filter(rule => !plan.revoke.includes(rule)));
    }
  }

  async #nodeGroup(call: Call): Promise<NodeGroup> {
    const { aws, config, clock } = this.#options;
    if (this.#node === undefined) {
      this.#lookedMs = clock.monotonic();
      this.#node = await findNodeGroup(aws, config, call);
    }
    return this.#node;
  }

  #setRules(rules: ObservedSecurityGroup['rules']): void {
    if (this.#node?.group !== undefined) this.#node = { ...this.#node, group: { ...this.#node.group, rules } };
  }

  #plan(id: string, ports: readonly TargetPort[], { group }: NodeGroup) {
    const wanted: readonly IngressRule[] = group === undefined ? [] : nodeRules(id, ports);
    return planNodeRules(wanted, group?.rules ?? [], this.#description);
  }

  async #delete(id: string, call: Call): Promise<boolean> {
    const { aws } = this.#options;
    const { group } = await this.#nodeGroup(call);
    const ours = (group?.rules ?? []).filter(
      ({ source, description }) =>
        description === this.#description && 'securityGroup' in source && source.securityGroup === id,
    );
    if (group !== undefined && ours.length > 0) {
      await this.#change(() => revokeIngress(aws, group.id, ours, call));
      this.#setRules(group.rules.filter(rule => !ours.includes(rule)));
    }
    try {
      await this.#change(() => deleteSecurityGroup(aws, id, call));
    } catch (error) {
      if (isInUse(error)) return false;
      throw error;
    }
    this.#group = { id: undefined };
    return true;
  }

  /** What became of a change that failed is looked up before the next one. */
  async #change<Answer>(run: () => Promise<Answer>): Promise<Answer> {
    const { inventory } = this.#options;
    try {
      return await run();
    } catch (error) {
      this.#doubtedAt = inventory.time.next();
      this.#group = undefined;
      this.#node = undefined;
      throw error;
    }
  }

  async #alone<Answer>(call: Call, run: () => Promise<Answer>): Promise<Answer> {
    const before = this.#turn;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#turn = before.then(() => promise);
    try {
      await unlessAborted(before, call.signal);
      return await run();
    } finally {
      resolve();
    }
  }
}
