import { checkArn, loadBalancerAt } from '../load-balancers/lookup.ts';
import type { Operation } from '../services/service.ts';
import { readPage } from '../wire/pages.ts';
import { Refusal } from '../wire/refusal.ts';
import { elbProtocols } from '../world/elb-model.ts';
import { checkAction, readAction } from './action.ts';
import { listenerAt, listenerXml, releaseUnused, removeListener } from './lookup.ts';
import { mergeTls, readTls } from './tls.ts';

export const describeListeners: Operation = params => {
  const [balancerArn, arns] = [params.optional('LoadBalancerArn'), params.texts('ListenerArns') ?? []];
  const cut = readPage(params);
  if ((balancerArn === undefined) === (arns.length === 0))
    throw new Refusal('ValidationError', 'You must specify either listener ARNs or a load balancer ARN');
  for (const arn of arns) checkArn('listener', arn);
  return account => {
    const all = balancerArn === undefined ? [...account.listeners.values()] : listenersAt(account, balancerArn);
    const seen = all.filter(listener => account.sees(listener) && (arns.length === 0 || arns.includes(listener.arn)));
    if (arns.some(arn => !seen.some(listener => listener.arn === arn)))
      throw new Refusal('ListenerNotFound', 'One or more listeners not found');
    const { page, next } = cut(seen);
    return { Listeners: page.map(listenerXml), NextMarker: next };
  };
};

/** Everything can be changed but the load balancer. Without TLS there is nothing of TLS any more. */
export const modifyListener: Operation = params => {
  const arn = params.required('ListenerArn');
  const port = params.within('Port', 1, 65_535);
  const protocol = params.oneOf('Protocol', elbProtocols);
  const action = readAction(params);
  const tls = readTls(params);
  return account => {
    const listener = listenerAt(account, arn);
    const balancer = loadBalancerAt(account, listener.loadBalancerArn);
    const changed = {
      port: port ?? listener.port,
      protocol: protocol ?? listener.protocol,
      action: action ?? listener.action,
    };
    const others = account.listenersOf(balancer.arn).filter(other => other !== listener);
    if (others.some(other => other.port === changed.port))
      throw new Refusal('DuplicateListener', `A listener already exists on port ${changed.port}`);
    const mergedTls = mergeTls(account, changed.protocol, tls, listener);
    checkAction(account, balancer, changed.protocol, changed.action);
    const left = listener.action.targetGroups.map(group => group.arn);
    const { usedSince } = listener;
    Object.assign(listener, changed, mergedTls);
    listener.usedSince = new Map(
      changed.action.targetGroups.map(group => [group.arn, usedSince.get(group.arn) ?? account.now()]),
    );
    if (changed.protocol !== 'TLS') listener.furtherCertificates.clear();
    releaseUnused(account, left);
    return { Listeners: [listenerXml(listener)] };
  };
};

export const deleteListener: Operation = params => {
  const arn = params.required('ListenerArn');
  return account => {
    removeListener(account, listenerAt(account, arn));
    return {};
  };
};

function listenersAt(account: Parameters<typeof loadBalancerAt>[0], balancerArn: string) {
  return account.listenersOf(loadBalancerAt(account, balancerArn).arn);
}
