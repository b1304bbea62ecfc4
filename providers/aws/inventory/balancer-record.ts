import type { LogicalClock } from '../../../src/provider/adapter/logical-clock.ts';
import { providerErrorCode } from '../../../src/provider/provider-error.ts';
import { isPartGone } from '../client/classify-error.ts';
import type { ObservedSecurityGroup } from '../model/observed.ts';
import {
  type KnownBalancer,
  type KnownListener,
  type KnownLoadBalancer,
  type KnownTargetGroup,
  nothingKnown,
  type Owner,
} from './known-balancer.ts';

/** Everything that this process knows and remembers of one Service's balancer. Changed by the one call that runs for the Service. */
export class BalancerRecord {
  readonly owner: Owner;
  readonly #time: LogicalClock;
  #known: KnownBalancer = nothingKnown;
  #touchedAt = 0;
  #doubtedAt: number | undefined;
  /** The fingerprint under which everything is as it should be, or is believed to be: what was not read too. */
  settled: string | undefined;
  /** On the monotonic clock: when everything was last compared with AWS, or made. */
  verifiedAt: number | undefined;
  /** See `askedKeys`. */
  asked: ReadonlySet<string> = new Set();
  /** Targets that AWS did not take, by ARN of their group: not offered again until the next verification. */
  readonly refused = new Map<string, Set<string>>();
  /** On the monotonic clock, by port: when the traffic was switched to another target group. */
  readonly switchedAt = new Map<number, number>();
  /** Deletions that had to wait, in a row. */
  deletions = 0;

  constructor(owner: Owner, time: LogicalClock) {
    this.owner = owner;
    this.#time = time;
  }

  get known(): KnownBalancer {
    return this.#known;
  }

  /** When the last change of ours began or ended: what was seen before that says nothing. */
  get touchedAt(): number {
    return this.#touchedAt;
  }

  /** Since when it is not known what became of a change; `undefined` while all is known. */
  get doubtedAt(): number | undefined {
    return this.#doubtedAt;
  }

  /**
   * Every request that changes something goes through here: what was seen before its end counts no more, and where it is not known what became of
   * it, or what it was to change is not there, everything is doubtful until somebody has looked.
   */
  async change<Answer>(run: () => Promise<Answer>): Promise<Answer> {
    this.#touch();
    try {
      const answer = await run();
      this.#touch();
      return answer;
    } catch (error) {
      if (isPartGone(error) || providerErrorCode(error) === undefined) this.doubt();
      throw error;
    }
  }

  /** A change may have been applied or not, or what was believed to be there is not. */
  doubt(): void {
    this.#touch();
    this.#doubtedAt = this.#touchedAt;
    this.settled = undefined;
    this.refused.clear();
    this.update({ listeners: undefined, targetGroups: this.#known.targetGroups.map(unread) });
    if (this.#known.loadBalancer !== undefined)
      this.setLoadBalancer({ ...this.#known.loadBalancer, attributes: undefined });
  }

  trust(): void {
    this.#doubtedAt = undefined;
  }

  update(change: Partial<KnownBalancer>): void {
    this.#known = { ...this.#known, ...change };
  }

  setLoadBalancer(loadBalancer: KnownLoadBalancer | undefined): void {
    this.update({ loadBalancer });
  }

  setSecurityGroup(securityGroup: ObservedSecurityGroup | undefined): void {
    this.update({ securityGroup });
  }

  patchSecurityGroup(change: (before: ObservedSecurityGroup) => Partial<ObservedSecurityGroup>): void {
    const before = this.#known.securityGroup;
    if (before !== undefined) this.setSecurityGroup({ ...before, ...change(before) });
  }

  patchLoadBalancer(change: (before: KnownLoadBalancer) => Partial<KnownLoadBalancer>): void {
    const before = this.#known.loadBalancer;
    if (before !== undefined) this.setLoadBalancer({ ...before, ...change(before) });
  }

  /** While the others are not known it is not remembered either: all of them will be read. */
  setListener(listener: KnownListener): void {
    const others = this.#known.listeners?.filter(({ arn }) => arn !== listener.arn);
    this.update({ listeners: others === undefined ? undefined : [...others, listener] });
  }

  patchListener(arn: string, change: (before: KnownListener) => Partial<KnownListener>): void {
    this.update({ listeners: this.#known.listeners?.map(one => (one.arn === arn ? { ...one, ...change(one) } : one)) });
  }

  removeListener(arn: string): void {
    this.update({ listeners: this.#known.listeners?.filter(one => one.arn !== arn) });
  }

  setTargetGroup(group: KnownTargetGroup): void {
    const others = this.#known.targetGroups.filter(({ arn }) => arn !== group.arn);
    this.update({ targetGroups: [...others, group] });
  }

  patchTargetGroup(arn: string, change: Partial<KnownTargetGroup>): void {
    this.update({ targetGroups: this.#known.targetGroups.map(one => (one.arn === arn ? { ...one, ...change } : one)) });
  }

  removeTargetGroup(arn: string): void {
    this.update({ targetGroups: this.#known.targetGroups.filter(one => one.arn !== arn) });
    this.refused.delete(arn);
  }

  targetGroup(name: string): KnownTargetGroup {
    const found = this.#known.targetGroups.find(group => group.name === name);
    if (found === undefined) throw new Error(`target group ${name} is not there yet`);
    return found;
  }

  #touch(): void {
    this.#touchedAt = this.#time.next();
  }
}

function unread(group: KnownTargetGroup): KnownTargetGroup {
  return { ...group, attributes: undefined, targets: undefined };
}
