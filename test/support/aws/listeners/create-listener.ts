import { isDeepStrictEqual } from 'node:util';
import { loadBalancerAt } from '../load-balancers/lookup.ts';
import type { Operation } from '../services/service.ts';
import { Refusal } from '../wire/refusal.ts';
import { readTags } from '../wire/tag-params.ts';
import type { Account } from '../world/account.ts';
import { elbProtocols, type Listener, type LoadBalancer } from '../world/elb-model.ts';
import { checkAction, readAction } from './action.ts';
import { listenerDefaults } from './attributes.ts';
import { listenerXml } from './lookup.ts';
import { mergeTls, readTls, type Tls } from './tls.ts';

type Settings = Pick<Listener, 'port' | 'protocol' | 'action'> & Tls;

/** One a port, whatever the protocol. The same settings again answer the listener that is there; tags are no settings. */
export const createListener: Operation = params => {
  const arn = params.required('LoadBalancerArn');
  params.required('Port');
  params.required('Protocol');
  const protocol = params.oneOf('Protocol', elbProtocols) ?? 'TCP';
  const port = params.within('Port', 1, 65_535) ?? 0;
  const action = readAction(params);
  const tls = readTls(params);
  const tags = readTags(params, 'Tags', 'TooManyTags');
  if (action === undefined) throw new Refusal('ValidationError', 'A default action must be given');
  return account => {
    const balancer = loadBalancerAt(account, arn);
    const settings: Settings = { port, protocol, action, ...mergeTls(account, protocol, tls) };
    checkAction(account, balancer, protocol, action);
    const present = account.listenersOf(arn).find(listener => listener.port === port);
    if (present !== undefined && !isDeepStrictEqual(settingsOf(present), settings))
      throw new Refusal('DuplicateListener', `A listener already exists on this port for this load balancer '${arn}'`);
    return { Listeners: [listenerXml(present ?? make(account, balancer, settings, tags))] };
  };
};

function make(
  account: Account,
  balancer: LoadBalancer,
  settings: Settings,
  tags: ReadonlyMap<string, string>,
): Listener {
  if (account.listenersOf(balancer.arn).length >= account.settings.quotas.listenersPerLoadBalancer)
    throw new Refusal('TooManyListeners', "You've reached the limit on the number of listeners of a load balancer");
  const path = balancer.arn.split(':loadbalancer/')[1];
  const listener: Listener = {
    ...settings,
    arn: account.elbArn(`listener/${path}/${account.newHex(16)}`),
    loadBalancerArn: balancer.arn,
    furtherCertificates: new Set(),
    attributes: new Map(listenerDefaults(settings.protocol)),
    usedSince: new Map(settings.action.targetGroups.map(group => [group.arn, account.now()])),
    createdAt: account.now(),
    tags: new Map(tags),
  };
  account.listeners.set(listener.arn, listener);
  return listener;
}

function settingsOf({ port, protocol, action, certificate, sslPolicy, alpnPolicy }: Listener): Settings {
  return { port, protocol, action, certificate, sslPolicy, alpnPolicy };
}
