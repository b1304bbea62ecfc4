/**
 * Makes answers say `provisioning` of load balancers that were not there before: for a server that has them active at once. Works on the
 * text of the answer, in which a load balancer's ARN stands before its state.
 */
export class ProvisioningMask {
  readonly #known = new Set<string>();
  readonly #held = new Set<string>();
  #isHolding = false;

  holdBack(): () => void {
    this.#isHolding = true;
    return () => {
      this.#isHolding = false;
      this.#held.clear();
    };
  }

  apply(action: string, body: string): string {
    if (action !== 'CreateLoadBalancer' && action !== 'DescribeLoadBalancers') return body;
    return body.replaceAll(/<LoadBalancerArn>([^<]+)<\/LoadBalancerArn>|<Code>active<\/Code>/g, this.#replacer());
  }

  #replacer(): (match: string, arn: string | undefined) => string {
    let isHeld = false;
    return (match, arn) => {
      if (arn === undefined) return isHeld ? '<Code>provisioning</Code>' : match;
      if (this.#isHolding && !this.#known.has(arn)) this.#held.add(arn);
      this.#known.add(arn);
      isHeld = this.#held.has(arn);
      return match;
    };
  }
}
