import { oneOf, textOf } from '../rules/fields.ts';
import { parseReference, projectOf, urlOf } from '../schema/paths.ts';
import { inUse, invalid, required } from '../world/api-error.ts';
import type { KindRules } from './kind-rules.ts';

/** The regional ones: they lead to a backend service of a managed scheme. */
export const targetTcpProxies: KindRules = {
  insert(world, fields, path) {
    const text = textOf(fields, 'service');
    if (text === undefined) throw required('resource.service');
    const service = world.store.usable(parseReference(text, 'resource.service', ['backendServices'], projectOf(path)));
    const scheme = String(service.fields['loadBalancingScheme']);
    const asked = textOf(fields, 'loadBalancingScheme');
    if (!scheme.endsWith('_MANAGED') || (asked !== undefined && asked !== scheme))
      throw invalid(`Invalid value for field 'resource.service': '${text}'. Its load balancing scheme is ${scheme}.`);
    const proxyHeader = oneOf(fields, 'proxyHeader', ['NONE', 'PROXY_V1'], 'NONE');
    return { ...fields, service: urlOf(service.path), loadBalancingScheme: scheme, proxyHeader };
  },
  remove(world, { path }) {
    const user = world.store.userOf(path, ['forwardingRules']);
    if (user !== undefined) throw inUse(path, user);
  },
};
