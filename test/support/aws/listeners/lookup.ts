import { checkArn } from '../load-balancers/lookup.ts';
import { Refusal } from '../wire/refusal.ts';
import type { Answer } from '../wire/xml.ts';
import type { Account } from '../world/account.ts';
import type { Listener } from '../world/elb-model.ts';
import { actionXml } from './action.ts';

export function listenerAt(account: Account, arn: string): Listener {
  checkArn('listener', arn);
  const found = account.listeners.get(arn);
  if (found === undefined) throw new Refusal('ListenerNotFound', `One or more listeners not found`);
  return found;
}

/** Its target groups are released. */
export function removeListener(account: Account, listener: Listener): void {
  account.listeners.delete(listener.arn);
  releaseUnused(
    account,
    listener.action.targetGroups.map(({ arn }) => arn),
  );
}

export function releaseUnused(account: Account, targetGroupArns: readonly string[]): void {
  for (const arn of targetGroupArns) {
    const group = account.targetGroups.get(arn);
    if (group !== undefined && account.usersOf(arn).length === 0) group.releasedAt = account.now();
  }
}

export function listenerXml(listener: Listener): Answer {
  const isTls = listener.protocol === 'TLS';
  return {
    ListenerArn: listener.arn,
    LoadBalancerArn: listener.loadBalancerArn,
    Port: listener.port,
    Protocol: listener.protocol,
    Certificates: isTls ? [{ CertificateArn: listener.certificate }] : undefined,
    SslPolicy: isTls ? listener.sslPolicy : undefined,
    AlpnPolicy: isTls && listener.alpnPolicy !== undefined ? [listener.alpnPolicy] : undefined,
    DefaultActions: [actionXml(listener.action)],
  };
}
