import type { Account } from './account.ts';
import type { BucketName } from './settings.ts';

/** The account's token buckets, each filled on first use. Off while `settings.throttling` is undefined. */
export class TokenBuckets {
  readonly #account: Account;
  readonly #states = new Map<string, { tokens: number; at: number }>();

  constructor(account: Account) {
    this.#account = account;
  }

  /** Takes a token; false: there is none, and the request is throttled. */
  take(service: 'elasticloadbalancing' | 'ec2', action: string, isFiltered: boolean): boolean {
    const throttling = this.#account.settings.throttling;
    if (throttling === undefined) return true;
    const name = bucketOf(service, action, isFiltered);
    const { burst, perSecond } = throttling.buckets[name];
    const key = service === 'ec2' ? action : name;
    const now = this.#account.now();
    const state = this.#states.get(key) ?? { tokens: burst, at: now };
    const refilled = Math.min(burst, state.tokens + ((now - state.at) / 1000) * perSecond * throttling.speed);
    const isThere = refilled >= 1;
    this.#states.set(key, { tokens: isThere ? refilled - 1 : refilled, at: now });
    return isThere;
  }
}

function bucketOf(service: 'elasticloadbalancing' | 'ec2', action: string, isFiltered: boolean): BucketName {
  const isDescribe = action.startsWith('Describe');
  if (service === 'ec2') return isDescribe ? (isFiltered ? 'ec2DescribeFiltered' : 'ec2DescribeAll') : 'ec2Mutating';
  if (isDescribe) return 'elbDescribe';
  if (/^(Register|Deregister)/.test(action)) return 'elbTargets';
  return /^(Create|Delete)/.test(action) ? 'elbCreateDelete' : 'elbModify';
}
