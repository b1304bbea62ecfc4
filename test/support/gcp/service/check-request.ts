import { faultsOf, isRecord } from '../schema/check-value.ts';
import { checkRequestId } from '../schema/names.ts';
import { camelOf, type Route, type Schema } from '../schema/schema.ts';
import { ApiError, invalid, required } from '../world/api-error.ts';
import type { Fields } from '../world/store.ts';
import type { Query } from './list-page.ts';

/** Parameters that every method of Google's APIs takes. */
const common = new Set(['alt', '$alt', 'prettyPrint', '$prettyPrint', 'fields', 'key', 'quotaUser', 'userIp']);

/** Everything that the schema says about a request: 400 for what it does not know, or misses. */
export function checkRequest(schema: Schema, route: Route, params: Query, query: Query, body: unknown): Fields {
  for (const [name, value] of Object.entries(query)) checkParameter(route, name, value);
  for (const [name, field] of Object.entries(route.request.fields)) {
    if (field.options?.['(google.api.field_behavior)'] !== 'REQUIRED') continue;
    const given = name === route.body?.field ? body : (params[name] ?? query[name]);
    if (given === undefined || given === '') throw required(name);
  }
  if (query['requestId'] !== undefined) checkRequestId(query['requestId']);
  if (route.body === undefined) {
    if (body !== undefined && body !== '') throw invalid('Invalid JSON payload received. This method takes no body.');
    return {};
  }
  const [fault] = faultsOf(schema, route.body.message, body, 'resource');
  if (fault !== undefined) throw invalid(fault);
  return isRecord(body) ? body : {};
}

function checkParameter(route: Route, name: string, value: string): void {
  if (common.has(name)) return;
  const field = route.request.fields[name];
  if (field === undefined || name === route.body?.field)
    throw invalid(`Invalid JSON payload received. Unknown name "${name}": Cannot bind query parameter.`);
  const fits = field.type === 'bool' ? /^(?:true|false)$/ : /int/.test(field.type) ? /^\d{1,10}$/ : /^[^]*$/;
  if (!fits.test(value)) throw invalid(`Invalid value for field '${name}': '${value}' is no ${field.type}.`);
}

/** Which method a request is for, and what its path names. */
export function findRoute(routes: readonly Route[], httpMethod: string, path: string): { route: Route; params: Query } {
  const matches = routes.filter(({ pattern }) => pattern.test(path));
  const route = matches.find(one => one.httpMethod === httpMethod);
  if (route === undefined)
    throw new ApiError(
      matches.length > 0
        ? { http: 405, reason: 'httpMethodNotAllowed', message: `${httpMethod} is not allowed for ${path}` }
        : { http: 404, reason: 'notFound', message: `There is no ${path}` },
    );
  const groups = Object.entries(route.pattern.exec(path)?.groups ?? {});
  return {
    route,
    params: Object.fromEntries(groups.map(([name, value]) => [camelOf(name), decodeURIComponent(value)])),
  };
}
