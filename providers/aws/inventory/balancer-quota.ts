import type { Call } from '../../../src/provider/provider.ts';
import { ProviderError, providerErrorCode } from '../../../src/provider/provider-error.ts';
import type { Aws } from '../client/aws.ts';
import { observeLoadBalancerLimit } from '../resources/account-limits.ts';

/** How many network load balancers there may be: no half of one is made that AWS would refuse to finish. */
export class BalancerQuota {
  readonly #aws: Aws;
  readonly #configured: number;
  #limit: number | undefined;

  /** `configured`: as the operator or AWS's documentation has it. */
  constructor(aws: Aws, configured: number) {
    this.#aws = aws;
    this.#configured = configured;
    this.#limit = configured;
  }

  /**
   * Throws where one more than `count` is too many. AWS is asked only when what is configured is reached, since it may have raised that; it answers
   * the next one too, and an account that may not ask leaves the decision to the create.
   */
  async assertRoomFor(count: number, call: Call): Promise<void> {
    if (this.#limit === undefined || count < this.#limit) return;
    this.#limit = await this.#ask(call);
    if (this.#limit === undefined || count < this.#limit) return;
    throw new ProviderError(
      'rejected',
      `the account has ${count} network load balancers in this region, and its quota is ${this.#limit}: delete some, or raise it in Service Quotas`,
    );
  }

  async #ask(call: Call): Promise<number | undefined> {
    try {
      return (await observeLoadBalancerLimit(this.#aws, call)) ?? this.#configured;
    } catch (error) {
      if (providerErrorCode(error) === 'rejected') return undefined;
      throw error;
    }
  }
}
