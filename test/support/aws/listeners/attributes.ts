import type { Operation } from '../services/service.ts';
import { attributesXml, isWithin, readAttributes } from '../wire/attributes.ts';
import { Refusal } from '../wire/refusal.ts';
import type { ElbProtocol } from '../world/elb-model.ts';
import { listenerAt } from './lookup.ts';

const idleTimeout = 'tcp.idle_timeout.seconds';

export function listenerDefaults(protocol: ElbProtocol): readonly (readonly [string, string])[] {
  return hasIdleTimeout(protocol) ? [[idleTimeout, '350']] : [];
}

export const describeListenerAttributes: Operation = params => {
  const arn = params.required('ListenerArn');
  return account => attributesXml(listenerAt(account, arn).attributes);
};

export const modifyListenerAttributes: Operation = params => {
  const arn = params.required('ListenerArn');
  const wanted = readAttributes(params, { [idleTimeout]: isWithin(60, 6_000) });
  return account => {
    const { attributes, protocol } = listenerAt(account, arn);
    if (!hasIdleTimeout(protocol))
      throw new Refusal('InvalidConfigurationRequest', `Attribute '${idleTimeout}' is not supported for ${protocol}`);
    for (const [key, value] of wanted) attributes.set(key, value);
    return attributesXml(attributes);
  };
};

/** TLS listeners have a fixed one. */
function hasIdleTimeout(protocol: ElbProtocol): boolean {
  return protocol === 'TCP' || protocol === 'TCP_UDP';
}
