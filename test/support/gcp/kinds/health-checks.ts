import { numberOf, partOf, textOf } from '../rules/fields.ts';
import { inUse, invalid, required } from '../world/api-error.ts';
import type { Fields } from '../world/store.ts';
import type { KindRules } from './kind-rules.ts';

/** Type → its part. */
const parts: Readonly<Record<string, string>> = {
  HTTP: 'httpHealthCheck',
  HTTPS: 'httpsHealthCheck',
  HTTP2: 'http2HealthCheck',
  TCP: 'tcpHealthCheck',
  SSL: 'sslHealthCheck',
  GRPC: 'grpcHealthCheck',
};

export const healthChecks: KindRules = {
  insert: (_world, fields) => checked(fields),
  change: (_world, _object, fields) => checked(fields),
  remove(world, { path }) {
    const user = world.store.userOf(path, ['backendServices']);
    if (user !== undefined) throw inUse(path, user);
  },
};

function checked(fields: Fields): Fields {
  const type = textOf(fields, 'type');
  if (type === undefined) throw required('resource.type');
  const part = parts[type];
  const other = Object.values(parts).find(name => name !== part && fields[name] !== undefined);
  if (part === undefined || other !== undefined)
    throw invalid(`Invalid value for field 'resource.${other ?? 'type'}'. It does not belong to type ${type}.`);
  const checkIntervalSec = numberOf(fields, 'checkIntervalSec', 1, 300, 5);
  const timeoutSec = numberOf(fields, 'timeoutSec', 1, 300, 5);
  if (timeoutSec > checkIntervalSec)
    throw invalid(
      `Invalid value for field 'resource.timeoutSec': '${timeoutSec}'. Must be at most checkIntervalSec, ${checkIntervalSec}.`,
    );
  return {
    ...fields,
    type,
    checkIntervalSec,
    timeoutSec,
    healthyThreshold: numberOf(fields, 'healthyThreshold', 1, 10, 2),
    unhealthyThreshold: numberOf(fields, 'unhealthyThreshold', 1, 10, 2),
    [part]: checkedPart(partOf(fields, part) ?? {}, part),
  };
}

function checkedPart(fields: Fields, name: string): Fields {
  const http = name.startsWith('http');
  const path = textOf(fields, 'requestPath') ?? '/';
  if (http && !/^\/[!-~]{0,2047}$/.test(path))
    throw invalid(`Invalid value for field 'resource.${name}.requestPath': '${path}'. Must begin with a slash.`);
  const specification = textOf(fields, 'portSpecification');
  if (specification === 'USE_SERVING_PORT' && fields['port'] !== undefined)
    throw invalid(`Invalid value for field 'resource.${name}.port'. Not with USE_SERVING_PORT.`);
  const port = specification === 'USE_SERVING_PORT' ? {} : { port: numberOf(fields, 'port', 1, 65_535, 80) };
  return {
    ...fields,
    ...port,
    proxyHeader: textOf(fields, 'proxyHeader') ?? 'NONE',
    ...(http ? { requestPath: path } : {}),
  };
}
